"""One row's way through the network, number by number.

Shape suffixes in this file:
    B rows, here one   M members of a bank   O, I width out of and into a layer   H expert output width
    R readers   E experts
"""

from __future__ import annotations

import math
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from ...data import SEGMENT, Rows, Split, changed_row, field_values
from ...models import EntireSpaceModel, GateLevel, MultiTaskOutput, TransferModel
from ...models.banks import Bank, Towers
from ...models.following import hooked
from ...models.norms import BankNorm
from .asked import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace
from .network import Network

__all__ = ["trace"]

Floats = tuple[float, ...]


def trace(network: Network, question: Trace) -> RowTrace:
    """Follow a row.

    Raises:
        DatasetError: there is no such row, field or label.
    """
    split, here = network.found(question.split, question.row)
    rows = changed_row(network.dataset, split.take(here), question.changes)
    logits, outputs, reads = list[Tensor](), list[Tensor](), list[Tensor]()
    with torch.no_grad(), ExitStack() as hooks:
        for gate, experts in zip(network.model.gates, network.model.experts, strict=True):
            hooks.enter_context(hooked(gate, lambda _module, _read, found_BRE: logits.append(found_BRE[0])))
            hooks.enter_context(hooked(experts, lambda _module, _read, z_EBH: outputs.append(z_EBH[:, 0].relu())))
        hooks.enter_context(hooked(network.model.towers, lambda _module, read, _scores: reads.append(read[0][:, 0])))
        x_BD = network.read(rows)
        output = network.model.score(x_BD)
        if isinstance(network.model, TransferModel):  # its attention mixes values of its own, not what experts say
            (level,) = output.gates
            levels = [_level(level, None, None, reads[0])]
        else:
            levels = [
                _level(level, logits_RE, outputs_EH, level.weights_BRE[0] @ outputs_EH)
                for level, logits_RE, outputs_EH in zip(output.gates, logits, outputs, strict=True)
            ]
        layers = [_tower(network.model.towers, task, reads_H) for task, reads_H in enumerate(reads[0])]
    return RowTrace(
        fields=_fields(network, x_BD[0], rows, question),
        levels=tuple(levels),
        tasks=_tasks(network, output, layers, split.pick(here), is_changed=bool(question.changes)),
        segment=None
        if split.segments_N is None
        else str(field_values(network.dataset, question.split, SEGMENT, here)[0]),
    )


def _level(level: GateLevel, logits_RE: Tensor | None, outputs_EH: Tensor | None, mixtures_RH: Tensor) -> LevelSaid:
    return LevelSaid(
        readers=level.readers,
        experts=level.experts,
        logits_RE=None if logits_RE is None else tuple(_finite(row_E) for row_E in logits_RE),
        weights_RE=_matrix(level.weights_BRE[0]),
        outputs_EH=None if outputs_EH is None else _matrix(outputs_EH),
        mixtures_RH=_matrix(mixtures_RH),
    )


def _tower(towers: Towers, task: int, reads_H: Tensor) -> tuple[LayerSaid, ...]:
    """One task's tower on what it reads, layer by layer."""
    place = next(place for place, tasks in enumerate(towers.tasks_of_bank) if task in tasks)
    bank, member = towers.banks[place], towers.tasks_of_bank[place].index(task)
    assert isinstance(bank, Bank)
    a_I, said = reads_H, list[LayerSaid]()
    for layer, (weights_MOI, biases_MO) in enumerate(bank.linear_layers()):
        assert biases_MO is not None
        z_O = weights_MOI[member] @ a_I + biases_MO[member]
        normed: dict[str, Floats] = {}
        if layer < len(bank.norms):
            norm = bank.norms[layer]
            assert isinstance(norm, BankNorm)
            normed = _norm(norm, member, z_O)
            z_O = norm(z_O.expand(len(weights_MOI), 1, -1))[member, 0]
        is_last = layer == len(bank.weights_MOI) - 1
        a_I = z_O if is_last else z_O.relu()
        said.append(
            LayerSaid(
                weights_OI=_matrix(weights_MOI[member]),
                biases_O=_vector(biases_MO[member]),
                outputs_O=_vector(a_I),
                **normed,
            )
        )
    return tuple(said)


def _norm(norm: BankNorm, member: int, z_O: Tensor) -> dict[str, Floats]:
    """What a norm subtracts, divides by, multiplies and adds, per output."""
    means_O, deviations_O = norm.statistics(z_O, member)
    return {
        "means_O": _vector(means_O),
        "deviations_O": _vector(deviations_O),
        "scales_O": _vector(norm.scales_MO[member]),
        "shifts_O": _vector(norm.shifts_MO[member]),
    }


def _fields(network: Network, x_D: Tensor, rows: Rows, question: Trace) -> tuple[FieldSaid, ...]:
    dataset, schema = network.dataset, network.dataset.schema
    size, first_value = network.model.table.size, network.model.table.num_columns
    here = np.array([question.row])
    said = []
    for place, field in enumerate(schema.id_fields):
        value = question.changes.get(field.name) or str(field_values(dataset, question.split, field.name, here)[0])
        reads = _vector(x_D[place * size : (place + 1) * size])
        said.append(FieldSaid(name=field.name, value=value, reads_S=reads, is_changed=field.name in question.changes))
    for place, value_field in enumerate(schema.value_fields):
        name = value_field.name
        raw = dataset.manifest.scaling[name].raw(float(rows.dense_BV[0, place]))
        value = question.changes.get(name) or f"{round(raw, 6) + 0.0:g}"  # no minus before 0
        reads = _vector(x_D[first_value + place : first_value + place + 1])
        said.append(FieldSaid(name=name, value=value, reads_S=reads, is_changed=name in question.changes))
    return tuple(said)


def _tasks(
    network: Network, output: MultiTaskOutput, layers: list[tuple[LayerSaid, ...]], row: Split, *, is_changed: bool
) -> tuple[TaskSaid, ...]:
    tasks = network.dataset.schema.tasks
    clicks = [task.name for task in tasks if task.label_space == "ctr"]
    is_product = isinstance(network.model, EntireSpaceModel)
    return tuple(
        TaskSaid(
            task=task.name,
            kind=task.kind,
            layers=layers[k],
            factor=clicks[0] if is_product and task.label_space == "ctcvr" else None,
            prediction=float(score if task.kind == "regression" else score.sigmoid()),
            label=float(row.labels_NT[0, k]) if row.observed_NT[0, k] else None,
            truth=None if row.truth_NT is None or is_changed else float(row.truth_NT[0, k]),
        )
        for k, (task, score) in enumerate(zip(tasks, output.scores_BT[0], strict=True))
    )


def _vector(values: Tensor) -> Floats:
    return tuple(values.tolist())


def _matrix(rows: Tensor) -> tuple[Floats, ...]:
    return tuple(_vector(row) for row in rows)


def _finite(values: Tensor) -> tuple[float | None, ...]:
    return tuple(value if math.isfinite(value) else None for value in values.tolist())
