"""The state dicts of torch-rechub 0.9.0: SharedBottom, MMOE, PLE (of one level: CGC), ESMM, AITM.

Each of its small networks is an `MLP`: per hidden layer Linear, BatchNorm, ReLU, Dropout; so layer l is number 4 l.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from ..config import AITM, ESMM, Grouped, ModelConfig, Schema, SharedBottom
from ..errors import ForeignError
from ..models import MultiTaskModel
from ..models.aitm import TransferModel
from ..models.banks import Bank
from .pieces import Piece, bank_of, gates_of, group_order, norm_of, normed, table_rows, tower_of

__all__ = ["SPARE", "pieces_of_rechub"]

SPARE = ("num_batches_tracked", *(f"loss weight.{task}" for task in range(16)))  # what its trainer leaves behind
_LAYER = 4  # modules per hidden layer


def pieces_of_rechub(
    model: MultiTaskModel, config: ModelConfig, schema: Schema, tasks: Sequence[int], *, as_given: bool
) -> Iterator[Piece]:
    """All tensors of a network.

    Args:
        model: Ours, built in parity.
        config: Its architecture.
        schema: Of the dataset.
        tasks: Places of our tasks, in the order of theirs.
        as_given: Whether the dataset's ids are the table's own.
    """
    for field, rows_VS in table_rows(model, schema, as_given=as_given):
        yield Piece(f"embedding.embed_dict.{field}.weight", rows_VS)
    match config:
        case ESMM():
            yield from _entire_space(model, schema)
            return
        case SharedBottom():
            yield from _mlp("bottom_mlp", [(bank_of(model, 0), 0)], reads_input=True)
        case AITM():
            yield from _transfer(model, tasks)
        case Grouped():
            yield from _levels(model, config, tasks)
        case _:
            for expert in range(len(model.levels[0].experts)):
                yield from _mlp(f"experts.{expert}", [(bank_of(model, 0), expert)], reads_input=True)
            for place, task in enumerate(tasks):
                yield from _gate(f"gates.{place}", model, 0, task)
    for place, task in enumerate(tasks):
        yield from _mlp(f"towers.{place}", [tower_of(model.towers, task)])


def _mlp(prefix: str, parts: Sequence[tuple[Bank, int]], *, reads_input: bool = False) -> Iterator[Piece]:
    """Members of banks, one after the other, as one network."""
    number = 0
    for bank, member in parts:
        for layer, (weights_MOI, biases_MO) in enumerate(zip(bank.weights_MOI, bank.biases_MO, strict=True)):
            yield Piece(f"{prefix}.mlp.{number}.weight", weights_MOI[member], reads_input and number == 0)
            yield Piece(f"{prefix}.mlp.{number}.bias", biases_MO[member])
            if layer < len(bank.norms):
                yield from normed(f"{prefix}.mlp.{number + 1}", norm_of(bank.norms[layer]), member)
            number += _LAYER


def _gate(
    prefix: str, model: MultiTaskModel, level: int, gate: int, outputs_N: tuple[int, ...] | None = None
) -> Iterator[Piece]:
    gates, ends = gates_of(model, level), list(accumulate(model.levels[level].outputs_per_gate, initial=0))
    biases_P, norm = gates.biases_P, gates.norm
    assert biases_P is not None
    assert norm is not None
    own = slice(ends[gate], ends[gate + 1])
    yield Piece(f"{prefix}.mlp.0.weight", gates.weights_PI[own], level == 0, outputs_N)
    yield Piece(f"{prefix}.mlp.0.bias", biases_P[own], outputs_N=outputs_N)
    yield from normed(f"{prefix}.mlp.1", norm, 0, own, outputs_N)


def _levels(model: MultiTaskModel, config: Grouped, tasks: Sequence[int]) -> Iterator[Piece]:
    own, last = config.num_task_experts, len(model.levels) - 1
    order = group_order(config, tasks)
    for level in range(len(model.levels)):
        prefix, bank = f"cgc_layers.{level}", bank_of(model, level)
        for member, place in enumerate(order):
            is_shared = member >= own * len(tasks)
            name = f"experts_shared.{place - own * len(tasks)}" if is_shared else f"experts_specific.{place}"
            yield from _mlp(f"{prefix}.{name}", [(bank, member)], reads_input=level == 0)
        for place, task in enumerate(tasks):
            yield from _gate(f"{prefix}.gates_specific.{place}", model, level, task)
        if level < last:
            yield from _gate(f"{prefix}.gate_shared", model, level, len(tasks), order)


def _transfer(model: MultiTaskModel, tasks: Sequence[int]) -> Iterator[Piece]:
    assert isinstance(model, TransferModel)
    if list(tasks) != sorted(tasks):
        raise ForeignError(
            "AITM hands on from task to task in their order, and the dataset's is {tasks}: a network that was trained "
            "in another order is another network. Train it again in this order.",
            tasks=", ".join(model.tasks),
        )
    for task in tasks:
        yield from _mlp(f"bottoms.{task}", [(bank_of(model, 0), task)], reads_input=True)
    transfer = model.transfer
    for place, norm in enumerate(transfer.norms):
        yield Piece(f"info_gates.{place}.mlp.0.weight", transfer.hand_on_NHH[place])
        yield Piece(f"info_gates.{place}.mlp.0.bias", transfer.biases_NH[place])
        yield from normed(f"info_gates.{place}.mlp.1", norm_of(norm), 0)
        for letter, weights_NHH in zip(
            "qkv", (transfer.queries_NHH, transfer.keys_NHH, transfer.values_NHH), strict=True
        ):
            yield Piece(f"aits.{place}.{letter}_layer.weight", weights_NHH[place])


def _entire_space(model: MultiTaskModel, schema: Schema) -> Iterator[Piece]:
    """Here a task's network ends in a tower; there the two are one."""
    for task, spec in enumerate(schema.tasks):
        name = "tower_ctr" if spec.label_space == "ctr" else "tower_cvr"
        yield from _mlp(name, [(bank_of(model, 0), task), tower_of(model.towers, task)], reads_input=True)
