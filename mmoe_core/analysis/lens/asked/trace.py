"""Why this row: one row's way through the network, with all the numbers that lead to its probabilities.

By hand, from what is said here alone:

    g^k = softmax(logits_RE[k])     h^k = Σ_i g_i^k E_i     tower: a ← relu(norm(W a + b)), the last layer bare
    p^k = σ(tower score), or of an ESMM product σ(click's) σ(its own)

Shape suffixes in this file:
    R readers   E experts   H expert output width   S embedding size   O, I width out of and into a layer
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ....config import Frozen
from ....data import SplitName

__all__ = ["FieldSaid", "LayerSaid", "LevelSaid", "RowTrace", "TaskSaid", "Trace"]


class Trace(Frozen):
    """Follow one row.

    Attributes:
        row: Its number within the split.
        changes: What some fields shall say instead: an id field's label, a value field's number in raw units.
    """

    kind: Literal["trace"] = "trace"
    split: SplitName = "test"
    row: int = Field(ge=0)
    changes: Mapping[str, str] = {}


class FieldSaid(Frozen):
    """What a field says, and as what the network reads it."""

    name: str
    value: str  # its label, or the number in raw units
    reads_S: tuple[float, ...]  # an id field's embedding (of several ids the weighted mean), or the scaled value
    is_changed: bool


class LevelSaid(Frozen):
    """One level of gates over experts.

    Attributes:
        logits_RE: None where a reader cannot hear an expert.
        weights_RE: Their softmax.
        outputs_EH: E_i, after the ReLU; None where the weights are an attention of its own kind (AITM).
        mixtures_RH: What each reader reads.
    """

    readers: tuple[str, ...]
    experts: tuple[str, ...]
    logits_RE: tuple[tuple[float | None, ...], ...] | None
    weights_RE: tuple[tuple[float, ...], ...]
    outputs_EH: tuple[tuple[float, ...], ...] | None
    mixtures_RH: tuple[tuple[float, ...], ...]


class LayerSaid(Frozen):
    """One layer of a tower: W a + b, normalised as (z − mean) / deviation · scale + shift where there is a norm.

    Attributes:
        outputs_O: After norm and ReLU; of the last layer, which has neither, the tower's score.
    """

    weights_OI: tuple[tuple[float, ...], ...]
    biases_O: tuple[float, ...]
    means_O: tuple[float, ...] | None = None
    deviations_O: tuple[float, ...] | None = None
    scales_O: tuple[float, ...] | None = None
    shifts_O: tuple[float, ...] | None = None
    outputs_O: tuple[float, ...]


class TaskSaid(Frozen):
    """One task's tower and its word.

    Attributes:
        layers: From what the tower reads, the last level's mixture, to its score.
        factor: Whose probability the tower's own is multiplied by (ESMM); None: its own is the answer.
        prediction: A probability, or the value of a regression.
        label: What happened; None where it was not observed.
        truth: The true probability where a simulator knows it, of the row as it was; None once a field is changed.
    """

    task: str
    kind: Literal["binary", "regression"]
    layers: tuple[LayerSaid, ...]
    factor: str | None
    prediction: float
    label: float | None
    truth: float | None


class RowTrace(Frozen):
    """The whole way."""

    fields: tuple[FieldSaid, ...]
    levels: tuple[LevelSaid, ...]
    tasks: tuple[TaskSaid, ...]
    segment: str | None  # the simulator's mechanism behind the row as it was
