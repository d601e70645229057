"""One row's probability worked out by hand: every number that takes part, written as people read it.

What stands in the tables is all that is needed: seven digits, as many as the network's own numbers have.

Shape suffixes in this file:
    E experts that the task hears   H expert output width   O, I width out of and into a layer
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from .lens import LayerSaid, RowTrace, TaskSaid

__all__ = ["HandStep", "hand_csv", "own_score", "steps_by_hand", "written"]


@dataclass(frozen=True)
class HandStep:
    """One step.

    Attributes:
        kind: `mixture`: softmax of the gate's logits z, then h = Σ g E. `attention`: h alone, from an attention of its
            own kind. `layer`: W a + b, norm and ReLU. `answer`: from the tower's score to what the run says.
        number: Which layer, counted from 1; 0 elsewhere.
        is_last: Of a layer: it has neither norm nor ReLU.
        table: Texts; a row has a name.
    """

    kind: Literal["mixture", "attention", "layer", "answer"]
    number: int
    is_last: bool
    table: pd.DataFrame


def written(number: float) -> str:
    """A number as every table here has it."""
    return f"{number:.7g}"


def own_score(task: TaskSaid) -> float:
    """What a task's tower says, before σ and before any product."""
    return task.layers[-1].outputs_O[0]


def steps_by_hand(said: RowTrace, task: str) -> list[HandStep]:
    """From the last gate's logits to one task's probability."""
    place = [one.task for one in said.tasks].index(task)
    of_task = said.tasks[place]
    steps = [_mixture(said, place)]
    reads = said.levels[-1].mixtures_RH[place]
    for number, layer in enumerate(of_task.layers, start=1):
        table = _layer(layer, reads)
        steps.append(HandStep("layer", number, number == len(of_task.layers), table))
        reads = layer.outputs_O
    return [*steps, HandStep("answer", 0, False, _answer(said, of_task))]


def hand_csv(steps: Sequence[HandStep]) -> str:
    """All tables as one: a line per number, with its step, row and column."""
    lines = [
        (f"{step.kind} {step.number}" if step.number else step.kind, row, column, text)
        for step in steps
        for row, texts in zip(step.table.index, step.table.to_dict("records"), strict=True)
        for column, text in texts.items()
        if text
    ]
    return str(pd.DataFrame(lines, columns=["step", "row", "column", "value"]).to_csv(index=False))


def _mixture(said: RowTrace, place: int) -> HandStep:
    level = said.levels[-1]
    mixture_H = level.mixtures_RH[place]
    names = [f"[{number}]" for number in range(1, len(mixture_H) + 1)]
    if level.outputs_EH is None or level.logits_RE is None:
        table = pd.DataFrame([[*map(written, mixture_H)]], index=["h"], columns=names)
        return HandStep("attention", 0, False, table)
    rows = [
        [written(logit), written(weight), *map(written, outputs_H)]
        for logit, weight, outputs_H in zip(
            level.logits_RE[place], level.weights_RE[place], level.outputs_EH, strict=True
        )
        if logit is not None
    ]
    heard = [name for name, logit in zip(level.experts, level.logits_RE[place], strict=True) if logit is not None]
    rows.append(["", "", *map(written, mixture_H)])
    return HandStep("mixture", 0, False, pd.DataFrame(rows, index=[*heard, "h"], columns=["z", "g", *names]))


def _layer(layer: LayerSaid, reads_I: Sequence[float]) -> pd.DataFrame:
    """What the layer reads in the first row, under the weights that it meets; then a row per output."""
    normed = {
        "mean": layer.means_O,
        "deviation": layer.deviations_O,
        "scale": layer.scales_O,
        "shift": layer.shifts_O,
    }
    columns = {"b": layer.biases_O, **{name: values for name, values in normed.items() if values is not None}}
    weights = [f"W[{number}]" for number in range(1, len(reads_I) + 1)]
    rows = [
        [written(output), *(written(values[place]) for values in columns.values()), *map(written, weights_I)]
        for place, (output, weights_I) in enumerate(zip(layer.outputs_O, layer.weights_OI, strict=True))
    ]
    rows.insert(0, ["", *("" for _ in columns), *map(written, reads_I)])
    index = ["reads", *(f"[{number}]" for number in range(1, len(layer.outputs_O) + 1))]
    return pd.DataFrame(rows, index=index, columns=["out", *columns, *weights])


def _answer(said: RowTrace, task: TaskSaid) -> pd.DataFrame:
    lines = {"score": own_score(task)}
    if task.kind == "binary":
        lines["σ(score)"] = _sigmoid(own_score(task))
    if task.factor is not None:
        factor = next(one for one in said.tasks if one.task == task.factor)
        lines["factor"] = _sigmoid(own_score(factor))
    lines["answer"] = task.prediction
    return pd.DataFrame({"value": [written(number) for number in lines.values()]}, index=[*lines])


def _sigmoid(score: float) -> float:
    return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))
