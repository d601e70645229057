"""What a run says while it trains: a stream of small frozen values, each one JSON object.

The trainer yields records, the store keeps them, the page and the terminal read them; what a person wants of a live
run goes the other way, as an intent. Losses are in nats (binary) or
squared label units (regression); steps count from 1, and step 0 is the network before its first update.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from .config import Frozen, TaskName, TaskWeight

__all__ = [
    "HISTOGRAM_BINS",
    "ChangeRecord",
    "Continue",
    "EndRecord",
    "EpochRecord",
    "EvaluationRecord",
    "GateLevel",
    "GateSnapshot",
    "GradientSnapshot",
    "Intent",
    "LevelPulls",
    "Pause",
    "Pulls",
    "Record",
    "SavepointRecord",
    "SetLearningRate",
    "SetTaskWeights",
    "StepOnce",
    "StepRecord",
    "Stop",
    "TaskMetrics",
    "intent_from_json",
    "record_from_json",
]

HISTOGRAM_BINS = 20  # equal bins of a gate weight over 0 to 1


class StepRecord(Frozen):
    """One update, said with the losses of its batch before the update."""

    kind: Literal["step"] = "step"
    step: int
    epoch: int  # from 1
    rows: int  # rows of the batch
    elapsed_s: float  # training time so far, pauses left out
    task_losses: Mapping[TaskName, float]  # L_k, mean over the observed rows of the batch
    task_weights: Mapping[TaskName, float]  # w_k in force
    learning_rate: float
    gradient_norms: Mapping[TaskName, float] | None = None  # ||w_k dL_k/d(shared)||, every few steps
    gradient_cosine: float | None = None  # between the first two tasks' shared gradients
    balance: Mapping[TaskName, float] | None = None  # λ_k of the balancing method, on top of w_k; None: it has none


class TaskMetrics(Frozen):
    """One task on one split. `None` means undefined there, never zero; what is marked (end) is said of it only."""

    kind: Literal["binary", "regression"]
    rows: int  # observed rows
    loss: float | None
    normalised_entropy: float | None = None  # loss over that of always saying the share of positives
    brier: float | None = None  # mean squared distance of probability and label
    ece: float | None = None  # expected calibration error over tenths of the rows (end)
    positives: int | None = None
    auc: float | None = None
    auc_low: float | None = None  # 95 % DeLong interval, on the logit scale
    auc_high: float | None = None
    expected_auc: float | None = None  # over the true probabilities instead of the drawn labels
    oracle_auc: float | None = None  # expected AUC of the true probabilities themselves: the best possible
    gauc: float | None = None  # mean of the users' AUCs by their rows, users with both classes only (end)
    gauc_low: float | None = None  # 95 % interval over users
    gauc_high: float | None = None
    gauc_users: int | None = None  # over so many users; None where the data know no users
    gauc_rows: int | None = None  # and so many of their rows
    pr_auc: float | None = None  # average precision (end)
    rmse: float | None = None
    mae: float | None = None
    r2: float | None = None


class EvaluationRecord(Frozen):
    """Metrics of the current weights on the fixed validation sample, between epochs."""

    kind: Literal["evaluation"] = "evaluation"
    step: int
    epoch: int
    metrics: Mapping[TaskName, TaskMetrics]


class GateLevel(Frozen):
    """One level of gates on the probe rows. R readers (tasks, or experts of the next level), E experts."""

    readers: tuple[str, ...]
    experts: tuple[str, ...]
    mean_RE: tuple[tuple[float, ...], ...]
    sd_RE: tuple[tuple[float, ...], ...]
    histogram_REK: tuple[tuple[tuple[int, ...], ...], ...]  # rows per bin, K = HISTOGRAM_BINS


class GateSnapshot(Frozen):
    """What the gates do on the fixed probe rows; step 0 is the untrained baseline."""

    kind: Literal["gates"] = "gates"
    step: int
    levels: tuple[GateLevel, ...]


class Pulls(Frozen):
    """What the tasks' losses want of one group of numbers, on one batch. T tasks, P = T (T - 1) / 2 pairs of them."""

    norms_T: tuple[float, ...]  # ||w_k dL_k/d(group)||
    cosines_P: tuple[float | None, ...]  # of the pairs (1, 2), (1, 3), ..., (2, 3), ...; None where a gradient is 0


class LevelPulls(Frozen):
    """The same of one level's experts, all layers of each; E experts."""

    experts: tuple[str, ...]
    pulls_E: tuple[Pulls, ...]


class GradientSnapshot(Frozen):
    """How the tasks pulled in one step, before the balancing method weighed them; group by group."""

    kind: Literal["gradients"] = "gradients"
    step: int
    tasks: tuple[TaskName, ...]
    embeddings: Pulls  # those that the batch read
    levels: tuple[LevelPulls, ...]  # the lowest first
    shared: Pulls  # all that several tasks share, the embeddings among it


class EpochRecord(Frozen):
    """Full validation at an epoch's end (epoch 0: before training)."""

    kind: Literal["epoch"] = "epoch"
    epoch: int
    step: int
    metrics: Mapping[TaskName, TaskMetrics]
    is_best: bool
    best_epoch: int


class SavepointRecord(Frozen):
    """From here the run can go on: its state is safe on disk, in the middle of a long epoch."""

    kind: Literal["savepoint"] = "savepoint"
    step: int
    epoch: int


class ChangeRecord(Frozen):
    """A live change, recorded before the step on which it takes effect."""

    kind: Literal["change"] = "change"
    step: int  # the first step that feels it
    task_weights: Mapping[TaskName, float] | None = None
    learning_rate: float | None = None


class EndRecord(Frozen):
    """The last word: why it ended, and the test metrics of the best weights."""

    kind: Literal["end"] = "end"
    step: int
    reason: Literal["completed", "early_stopping", "stopped"]
    best_epoch: int
    best_step: int
    metrics: Mapping[TaskName, TaskMetrics]  # test split
    cvr_metrics: Mapping[TaskName, TaskMetrics] = {}  # ESMM: of each product's second factor alone, on clicked rows
    gates: GateSnapshot  # of the best weights
    elapsed_s: float


Record = Annotated[
    StepRecord
    | EvaluationRecord
    | GateSnapshot
    | GradientSnapshot
    | EpochRecord
    | SavepointRecord
    | ChangeRecord
    | EndRecord,
    Field(discriminator="kind"),
]


class Pause(Frozen):
    """Wait before the next step, and give the slot back."""

    kind: Literal["pause"] = "pause"


class Continue(Frozen):
    """Go on after a pause."""

    kind: Literal["continue"] = "continue"


class StepOnce(Frozen):
    """Take one step, then wait again."""

    kind: Literal["step_once"] = "step_once"


class Stop(Frozen):
    """End the run: restore the best weights, test them, say the last word."""

    kind: Literal["stop"] = "stop"


class SetTaskWeights(Frozen):
    """Set w_k of the named tasks from the next step on; the others keep theirs."""

    kind: Literal["set_task_weights"] = "set_task_weights"
    task_weights: Mapping[TaskName, TaskWeight]


class SetLearningRate(Frozen):
    """Set the learning rate from the next step on."""

    kind: Literal["set_learning_rate"] = "set_learning_rate"
    learning_rate: float = Field(gt=0, le=10)


Intent = Annotated[Pause | Continue | StepOnce | Stop | SetTaskWeights | SetLearningRate, Field(discriminator="kind")]

_record: TypeAdapter[Record] = TypeAdapter(Record)
_intent: TypeAdapter[Intent] = TypeAdapter(Intent)


def record_from_json(text: str | bytes) -> Record:
    """Read one record; the inverse of `model_dump_json`."""
    return _record.validate_json(text)


def intent_from_json(text: str | bytes) -> Intent:
    """Read one intent; the inverse of `model_dump_json`."""
    return _intent.validate_json(text)
