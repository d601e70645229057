"""A network of another library, tensor by tensor: which of them fills which place of ours.

A place is a view of one of our network's tensors, so that what is copied into it is in the network.

Shape suffixes in this file:
    D input width   M members of a bank   N numbers of a layer
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..config import FIRST_KNOWN, Grouped, Schema
from ..errors import ForeignError
from ..models import MultiTaskModel
from ..models.banks import Bank, Towers
from ..models.gates import Gates
from ..models.norms import BankNorm

__all__ = [
    "Piece",
    "bank_of",
    "copy_pieces",
    "gates_of",
    "group_order",
    "input_order",
    "norm_of",
    "normed",
    "table_rows",
    "tower_of",
]


@dataclass(frozen=True)
class Piece:
    """One of their tensors.

    Attributes:
        name: In their state dict.
        place: Where it goes.
        reads_input: Whether its last axis runs over the embedded row, whose fields may stand in another order.
        outputs_N: Per output here the output there, where they stand in another order.
    """

    name: str
    place: Tensor
    reads_input: bool = False
    outputs_N: tuple[int, ...] | None = None


def copy_pieces(pieces: Iterable[Piece], tensors: Mapping[str, Tensor], order_D: Tensor, spare: Sequence[str]) -> None:
    """Fill every place.

    Args:
        pieces: All that a network needs.
        tensors: Their state dict.
        order_D: Per column of our input its column in theirs (`input_order`).
        spare: How names end that no network needs.

    Raises:
        ForeignError: names each tensor that is missing, unknown, or of another shape.
    """
    every = list(pieces)  # a tensor may fill several places
    needed = {piece.name: piece for piece in every}
    unknown = [name for name in tensors if name not in needed and not name.endswith(tuple(spare))]
    faults = [
        f"{name} is missing (here {_spell(piece.place)})" for name, piece in needed.items() if name not in tensors
    ]
    faults += [
        f"{name} is {_spell(tensors[name])}, here {_spell(piece.place)}"
        for name, piece in needed.items()
        if name in tensors and tensors[name].shape != piece.place.shape
    ]
    faults += [f"{name} ({_spell(tensors[name])}) has no place here" for name in unknown]
    if faults:
        raise ForeignError(
            "{count} of the tensors do not fit this network: {faults}. Say what the network was built with (--set "
            "model.kind=…, model.num_experts=…, model.expert_widths=…) and choose the dataset that it was trained on.",
            count=len(faults),
            faults="; ".join(faults),
        )
    not_finite = [name for name in needed if not tensors[name].isfinite().all()]
    if not_finite:
        raise ForeignError(
            "{tensors} hold numbers that are infinite or none at all. Save the state of an earlier epoch.",
            tensors=", ".join(not_finite),
        )
    with torch.no_grad():
        for piece in every:
            tensor = tensors[piece.name] if piece.outputs_N is None else tensors[piece.name][list(piece.outputs_N)]
            piece.place.copy_(tensor[..., order_D] if piece.reads_input else tensor)


def input_order(schema: Schema, embedding_size: int, fields: Sequence[str] | None) -> Tensor:
    """Per column of our embedded row its column in theirs, (D,).

    Args:
        schema: Our fields.
        embedding_size: Of each id field.
        fields: Theirs, in their order, ids before values or between them; None: as ours.

    Raises:
        ForeignError: a field is missing or unknown.
    """
    if fields is None:
        fields = schema.field_names
    missing = [name for name in schema.field_names if name not in fields]
    unknown = [name for name in fields if name not in schema.field_names]
    if missing or unknown or len(set(fields)) < len(fields):
        raise ForeignError(
            "The file was made for other fields than the dataset's. Missing there: {missing}; unknown here: {unknown}. "
            "Choose the dataset that the network was trained on.",
            missing=", ".join(missing) or "–",
            unknown=", ".join(unknown) or "–",
        )
    ids = {field.name for field in schema.id_fields}
    theirs = [name for name in fields if name in ids] + [name for name in fields if name not in ids]
    widths = [embedding_size if name in ids else 1 for name in theirs]
    columns = dict(zip(theirs, torch.split(torch.arange(sum(widths)), widths), strict=True))
    return torch.cat([columns[name] for name in schema.field_names])


def table_rows(model: MultiTaskModel, schema: Schema, *, as_given: bool) -> Iterator[tuple[str, Tensor]]:
    """Each id field's name and rows: those of ids as they were given, or all, the reserved ones included."""
    first = FIRST_KNOWN if as_given else 0
    for field, offset in zip(schema.id_fields, schema.offsets, strict=True):
        yield field.name, model.table.weight[offset + first : offset + field.vocabulary_size]


def group_order(config: Grouped, tasks: Sequence[int]) -> tuple[int, ...]:
    """Per expert of a level its place among theirs, where the tasks may stand in another order."""
    own, first_shared = config.num_task_experts, config.num_task_experts * len(tasks)
    order = [tasks.index(task) * own + number for task in range(len(tasks)) for number in range(own)]
    return (*order, *range(first_shared, first_shared + config.num_shared_experts))


def bank_of(model: MultiTaskModel, level: int) -> Bank:
    """The experts of a level."""
    bank = model.experts[level]
    assert isinstance(bank, Bank)
    return bank


def gates_of(model: MultiTaskModel, level: int) -> Gates:
    """The gates of a level."""
    gates = model.gates[level]
    assert isinstance(gates, Gates)
    return gates


def norm_of(module: nn.Module) -> BankNorm:
    """A norm as what it is."""
    assert isinstance(module, BankNorm)
    return module


def tower_of(towers: Towers, task: int) -> tuple[Bank, int]:
    """The bank in which a task's tower is, and which member it is."""
    for bank, tasks in zip(towers.banks, towers.tasks_of_bank, strict=True):
        if task in tasks:
            assert isinstance(bank, Bank)
            return bank, tasks.index(task)
    raise AssertionError("every task has a tower")


def normed(
    prefix: str,
    norm: BankNorm,
    member: int,
    own: slice = slice(None),
    outputs_N: tuple[int, ...] | None = None,
) -> Iterator[Piece]:
    """A member's batch norm, or some of its outputs, under the names that torch's own has."""
    ours = {"weight": norm.scales_MO, "bias": norm.shifts_MO, "running_mean": norm.means_MO}
    for name, tensor_MN in {**ours, "running_var": norm.variances_MO}.items():
        assert tensor_MN is not None
        yield Piece(f"{prefix}.{name}", tensor_MN[member, own], outputs_N=outputs_N)


def _spell(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"
