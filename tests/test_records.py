"""Records and intents say the same after a trip through JSON, and refuse what is no number."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from mmoe_core.records import (
    ChangeRecord,
    EpochRecord,
    GateLevel,
    GateSnapshot,
    Intent,
    Pause,
    Record,
    SetTaskWeights,
    StepRecord,
    TaskMetrics,
    intent_from_json,
    record_from_json,
)

STEP = StepRecord(
    step=1, epoch=1, rows=8, elapsed_s=0.1, task_losses={"click": 0.6}, task_weights={"click": 1.0}, learning_rate=1e-3
)
METRICS = TaskMetrics(kind="binary", rows=8, loss=0.5, positives=0)
GATES = GateSnapshot(
    step=0,
    levels=(
        GateLevel(readers=("click",), experts=("E1",), mean_RE=((1.0,),), sd_RE=((0.0,),), histogram_REK=(((3,),),)),
    ),
)


@pytest.mark.parametrize(
    "record",
    [
        STEP,
        GATES,
        EpochRecord(epoch=1, step=9, metrics={"click": METRICS}, is_best=True, best_epoch=1),
        ChangeRecord(step=4, task_weights={"click": 2.0}),
    ],
)
def test_a_record_survives_json(record: Record) -> None:
    assert record_from_json(record.model_dump_json()) == record


@pytest.mark.parametrize("intent", [Pause(), SetTaskWeights(task_weights={"click": 0.5})])
def test_an_intent_survives_json(intent: Intent) -> None:
    assert intent_from_json(intent.model_dump_json()) == intent


def test_a_loss_that_is_no_number_never_becomes_a_record() -> None:
    with pytest.raises(ValidationError, match="finite"):
        StepRecord.model_validate(STEP.model_dump() | {"task_losses": {"click": math.nan}})


def test_metrics_that_were_stored_before_there_were_more_of_them_still_read() -> None:
    stored = '{"kind": "binary", "rows": 8, "loss": 0.5, "positives": 2, "auc": 0.7, "auc_low": 0.5, "auc_high": 0.9}'
    found = TaskMetrics.model_validate_json(stored)
    assert (found.auc, found.gauc, found.brier, found.ece, found.mae) == (0.7, None, None, None, None)
