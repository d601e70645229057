"""Runs are compared on the same test rows, task by task; who cannot be compared is named with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.config import MMoE, SharedBottom, SimulatedAliCcp, TaskSpec
from mmoe_core.errors import RunError
from mmoe_core.runs import Store, comparable_tasks, compare
from tests.reference.paired_delong import auc_is_above
from tests.runs.test_singles import LABELS, OBSERVED, SCHEMA, TASKS, add


def test_every_task_of_every_run_is_compared_with_the_baseline(store: Store) -> None:
    baseline, one, other = (add(store, SharedBottom(), seed=seed) for seed in (1, 2, 3))
    found, refused = compare([baseline, one, other], baseline, store=store)
    assert refused == []
    assert [(each.run_id, each.task) for each in found] == [
        (run.run_id, task.name) for run in (one, other) for task in TASKS
    ]
    assert {each.baseline_id for each in found} == {baseline.run_id}
    assert [each.gain.measure for each in found[:3]] == ["auc", "auc", "rmse"]


def test_the_difference_and_its_p_are_those_of_a_paired_delong_test(store: Store) -> None:
    baseline, one = add(store, SharedBottom(), seed=1), add(store, MMoE(), seed=2)
    (_, buy, _), _ = compare([one], baseline, store=store)
    scores, others = (np.random.default_rng(seed).random((60, 3)).astype(np.float32)[OBSERVED, 1] for seed in (2, 1))
    difference, one_sided = auc_is_above(LABELS[OBSERVED, 1], scores, others)
    assert buy.gain.found.difference == pytest.approx(difference, rel=1e-9)
    assert buy.gain.found.p == pytest.approx(2 * min(one_sided, 1 - one_sided), rel=1e-9)
    assert buy.gain.found.low < difference < buy.gain.found.high


def test_equal_scores_are_not_distinguishable(store: Store) -> None:
    baseline, twin = add(store, SharedBottom(), seed=5), add(store, MMoE(), seed=5)
    found, _ = compare([twin], baseline, store=store)
    assert [(one.gain.found.difference, one.gain.found.p) for one in found] == [(0.0, 1.0)] * 3
    assert not any(one.gain.found.is_distinguishable for one in found)


def test_who_cannot_be_compared_is_named_with_the_reason(store: Store) -> None:
    baseline, good = add(store, SharedBottom(), seed=1), add(store, MMoE(), seed=2)
    failed = add(store, MMoE(), state="failed")
    elsewhere = add(store, MMoE(), data=SimulatedAliCcp(num_rows=2000))
    replaced = add(store, MMoE(), labels=1 - LABELS)
    lost = add(store, MMoE())
    (store.run_folder(lost.run_id) / "predictions.parquet").unlink()
    found, refused = compare([failed, elsewhere, replaced, lost, good], baseline, store=store)
    assert {one.run_id for one in found} == {good.run_id}
    reasons = {run.run_id: {str(one.reason) for one in refused if one.run_id == run.run_id} for run in (lost, replaced)}
    assert all("has kept no predictions" in reason for reason in reasons[lost.run_id])
    assert all("were tested on other rows" in reason for reason in reasons[replaced.run_id])
    (first, second) = refused[:2]
    assert (first.run_id, second.run_id) == (failed.run_id, elsewhere.run_id)
    assert "is failed: its best weights have not been tested" in str(first.reason)
    assert "-2000-" in str(second.reason)
    assert "-1000-" in str(second.reason)


def test_one_reason_is_said_once_for_a_run(store: Store) -> None:
    baseline, lost = add(store, SharedBottom()), add(store, MMoE())
    (store.run_folder(lost.run_id) / "predictions.parquet").unlink()
    assert len(compare([lost], baseline, store=store)[1]) == 1


def test_a_task_over_other_rows_is_refused_and_the_others_are_compared(store: Store) -> None:
    click, buy, stay = TASKS
    over_clicks = SCHEMA.model_copy(update={"tasks": (click, buy.model_copy(update={"label_space": "cvr"}), stay)})
    without = SCHEMA.model_copy(update={"tasks": (*TASKS[:2], TaskSpec(name="like"))})
    baseline = add(store, SharedBottom())
    for schema, lost, reasons in (
        (over_clicks, "buy", ["means 'cvr' in run"]),
        (without, "stay", ["Task 'like' is in one", "Task 'stay' is in one"]),
    ):
        other = add(store, MMoE(), schema=schema)
        found, refused = compare([other], baseline, store=store)
        assert {one.task for one in found} == {task.name for task in TASKS} - {lost}
        assert [task.name for task in comparable_tasks(other, baseline)] == [one.task for one in found]
        assert len(refused) == len(reasons)
        assert all(reason in str(one.reason) for one, reason in zip(refused, reasons, strict=True))


def test_a_baseline_that_was_not_tested_is_refused(store: Store) -> None:
    with pytest.raises(RunError, match="Only a run that has ended can be compared"):
        compare([add(store, MMoE())], add(store, SharedBottom(), state="failed"), store=store)


def test_one_class_has_no_difference(store: Store) -> None:
    baseline, one = (add(store, SharedBottom(), labels=np.zeros_like(LABELS), seed=seed) for seed in (1, 2))
    found, _ = compare([one], baseline, store=store)
    assert [each.gain is None for each in found] == [True, True, False]
