"""The state dicts of DeepCTR-Torch 0.3.0: MMOE, PLE, ESMM, without a network of their own in front of the gates.

A `DNN` is linear layers with a ReLU after each; a tower's score has no bias but that of its `PredictionLayer`, which
ESMM's two scores share. What PLE makes and never uses has no place here: the last level's shared gate, and shared
experts beyond the number asked for, since it makes as many as a task has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from ..config import ESMM, Grouped, ModelConfig, Schema
from ..models import MultiTaskModel
from ..models.banks import Bank
from .pieces import Piece, bank_of, gates_of, group_order, norm_of, normed, table_rows, tower_of

__all__ = ["pieces_of_deepctr", "spare_of_deepctr"]


def pieces_of_deepctr(
    model: MultiTaskModel, config: ModelConfig, schema: Schema, tasks: Sequence[int], *, as_given: bool
) -> Iterator[Piece]:
    """All tensors of a network.

    Args:
        model: Ours.
        config: Its architecture.
        schema: Of the dataset.
        tasks: Places of our tasks, in the order of theirs.
        as_given: Whether the dataset's ids are the table's own.
    """
    for field, rows_VS in table_rows(model, schema, as_given=as_given):
        yield Piece(f"embedding_dict.{field}.weight", rows_VS)
    if isinstance(config, ESMM):
        yield from _entire_space(model, schema)
        return
    if isinstance(config, Grouped):
        yield from _levels(model, config, tasks)
    else:
        for expert in range(len(model.levels[0].experts)):
            yield from _dnn(f"expert_dnn.{expert}", bank_of(model, 0), expert, reads_input=True)
        for place, task in enumerate(tasks):
            yield from _gate(f"gate_dnn_final_layer.{place}", model, 0, task)
    for place, task in enumerate(tasks):
        bank, member = tower_of(model.towers, task)
        yield from _dnn(f"tower_dnn.{place}", bank, member, is_tower=True)
        yield Piece(f"tower_dnn_final_layer.{place}.weight", bank.weights_MOI[-1][member])
        yield Piece(f"out.{place}.bias", bank.biases_MO[-1][member])


def spare_of_deepctr(config: ModelConfig) -> tuple[str, ...]:
    """How names end that a network has and does not use."""
    counts = ("num_batches_tracked",)
    if not isinstance(config, Grouped):
        return counts
    last = getattr(config, "num_levels", 1) - 1
    layers = [f"linears.{layer}.{name}" for layer in range(len(config.expert_widths)) for name in ("weight", "bias")]
    unused = (
        f"shared_experts.{level}.0.{expert}.{layer}"
        for level in range(last + 1)
        for expert in range(config.num_shared_experts, config.num_task_experts)
        for layer in layers
    )
    return (*counts, f"shared_gate_dnn_final_layer.{last}.weight", *unused)


def _dnn(prefix: str, bank: Bank, member: int, *, reads_input: bool = False, is_tower: bool = False) -> Iterator[Piece]:
    """A member of a bank; of a tower what comes before its score."""
    for layer in range(len(bank.weights_MOI) - is_tower):
        weights_OI, biases_O = bank.weights_MOI[layer][member], bank.biases_MO[layer][member]
        yield Piece(f"{prefix}.linears.{layer}.weight", weights_OI, reads_input and layer == 0)
        yield Piece(f"{prefix}.linears.{layer}.bias", biases_O)
        if layer < len(bank.norms):
            yield from normed(f"{prefix}.bn.{layer}", norm_of(bank.norms[layer]), member)


def _gate(
    name: str, model: MultiTaskModel, level: int, gate: int, outputs_N: tuple[int, ...] | None = None
) -> Iterator[Piece]:
    ends = list(accumulate(model.levels[level].outputs_per_gate, initial=0))
    weights_NI = gates_of(model, level).weights_PI[ends[gate] : ends[gate + 1]]
    yield Piece(f"{name}.weight", weights_NI, level == 0, outputs_N)


def _levels(model: MultiTaskModel, config: Grouped, tasks: Sequence[int]) -> Iterator[Piece]:
    own, last = config.num_task_experts, len(model.levels) - 1
    for level in range(len(model.levels)):
        bank, reads_input = bank_of(model, level), level == 0
        for place, task in enumerate(tasks):
            for number in range(own):
                name = f"specific_experts.{level}.{place}.{number}"
                yield from _dnn(name, bank, task * own + number, reads_input=reads_input)
            yield from _gate(f"specific_gate_dnn_final_layer.{level}.{place}", model, level, task)
        for number in range(config.num_shared_experts):
            name = f"shared_experts.{level}.0.{number}"
            yield from _dnn(name, bank, own * len(tasks) + number, reads_input=reads_input)
        if level < last:
            order = group_order(config, tasks)
            yield from _gate(f"shared_gate_dnn_final_layer.{level}", model, level, len(tasks), order)


def _entire_space(model: MultiTaskModel, schema: Schema) -> Iterator[Piece]:
    """Here a task's network ends in a tower; there the two are one."""
    for task, spec in enumerate(schema.tasks):
        name = "ctr" if spec.label_space == "ctr" else "cvr"
        experts = bank_of(model, 0)
        tower, member = tower_of(model.towers, task)
        yield from _dnn(f"{name}_dnn", experts, task, reads_input=True)
        for piece in _dnn(f"{name}_dnn", tower, member, is_tower=True):
            yield _shifted(piece, len(experts.weights_MOI))
        yield Piece(f"{name}_dnn_final_layer.weight", tower.weights_MOI[-1][member])
        yield Piece("out.bias", tower.biases_MO[-1][member])


def _shifted(piece: Piece, by: int) -> Piece:
    """The same so many layers further up."""
    network, part, layer, kind = piece.name.split(".")
    return Piece(f"{network}.{part}.{int(layer) + by}.{kind}", piece.place)
