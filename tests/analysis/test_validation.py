"""A validation curve holds what the records say, once per step, and nothing that is undefined."""

from __future__ import annotations

import math

import pytest

from mmoe_core.analysis import mean_curve, validation_curve
from mmoe_core.records import EpochRecord, EvaluationRecord, TaskMetrics


def click(auc: float | None) -> TaskMetrics:
    low, high = (None, None) if auc is None else (auc - 0.1, auc + 0.1)
    return TaskMetrics(kind="binary", rows=9, loss=0.5, positives=3, auc=auc, auc_low=low, auc_high=high)


def look(step: int, auc: float | None) -> EvaluationRecord:
    dwell = TaskMetrics(kind="regression", rows=9, loss=0.5, rmse=0.7)
    return EvaluationRecord(step=step, epoch=1, metrics={"click": click(auc), "dwell": dwell})


def test_aucs_have_intervals_and_positives_and_regressions_their_rmse() -> None:
    frame = validation_curve([look(5, 0.6), look(10, 0.7)])
    assert [tuple(row) for row in frame[frame["task"] == "click"].to_numpy()] == [
        ("click", 5, 0.6, 0.5, 0.7, 3),
        ("click", 10, 0.7, 0.7 - 0.1, 0.7 + 0.1, 3),
    ]
    dwell = frame[frame["task"] == "dwell"]
    assert list(dwell["value"]) == [0.7, 0.7]
    assert dwell[["low", "high", "positives"]].isna().all(axis=None)


def test_at_an_epoch_s_end_the_whole_of_validation_counts_and_not_the_sample() -> None:
    whole = EpochRecord(epoch=1, step=10, metrics={"click": click(0.8)}, is_best=True, best_epoch=1)
    for records in ([look(10, 0.7), whole], [whole, look(10, 0.7)]):
        frame = validation_curve(records)
        assert list(frame.loc[frame["task"] == "click", "value"]) == [0.8]


def test_what_is_undefined_is_left_out() -> None:
    frame = validation_curve([look(5, None), look(10, 0.7)])
    assert list(frame.loc[frame["task"] == "click", "step"]) == [10]
    assert not any(math.isnan(value) for value in frame["value"])
    assert validation_curve([]).empty


def test_the_mean_of_several_runs_has_their_range_at_the_steps_of_all() -> None:
    one, other = validation_curve([look(5, 0.6), look(10, 0.7)]), validation_curve([look(5, 0.5), look(15, 0.9)])
    mean = mean_curve([one, other])
    assert list(mean.columns) == list(one.columns)
    (click_row,) = mean[mean["task"] == "click"].to_dict("records")
    assert click_row["step"] == 5
    assert (click_row["low"], click_row["value"], click_row["high"]) == (0.5, pytest.approx(0.55), 0.6)
    alone = mean_curve([one])
    assert (alone["low"] == alone["value"]).all()
    assert list(alone["value"]) == list(one["value"])
