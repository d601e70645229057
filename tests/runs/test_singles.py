"""Against whom a run is judged: finished single-task runs on the very same rows, and nobody else."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mmoe_core.config import RunConfig, Schema, SharedBottom, SimulatedAliCcp, Single, TaskSpec, ValueField
from mmoe_core.errors import RunError
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import RunRow, RunState, Store, single_task_runs, task_gains
from mmoe_core.runs.files import write_predictions
from tests.runs import fakes

TASKS = (TaskSpec(name="a.click"), TaskSpec(name="buy", observed_if="click"), TaskSpec(name="stay", kind="regression"))
SCHEMA = Schema(id_fields=(), value_fields=(ValueField(name="v"),), tasks=TASKS)
DATA = SimulatedAliCcp(num_rows=1000)
OBSERVED = np.arange(60) % 3 > 0
LABELS = np.stack([np.arange(60) % 2, np.arange(60) % 4 == 1, np.linspace(0, 1, 60)], axis=1).astype(np.float32)


def add(
    store: Store,
    model: object,
    *,
    seed: int = 1,
    data: SimulatedAliCcp = DATA,
    schema: Schema = SCHEMA,
    state: RunState = "finished",
    labels: np.ndarray = LABELS,
    positives: int = 30,
) -> RunRow:
    """A run that has said its last word, and its predictions."""
    row = store.create(RunConfig(data=data, model=model), schema=schema, total_steps=8)
    metrics = {task.name: TaskMetrics(kind=task.kind, rows=60, loss=0.5, positives=positives) for task in TASKS}
    if state != "failed":
        store.append(row.run_id, [fakes.end_record(8).model_copy(update={"metrics": metrics})])
        observed = np.stack([np.ones(60, bool), OBSERVED, np.ones(60, bool)], axis=1)
        scores = np.random.default_rng(seed).random((60, 3)).astype(np.float32)
        test = SimpleNamespace(labels_NT=labels, observed_NT=observed)
        write_predictions(store.run_folder(row.run_id), SCHEMA, test, scores)
    store.set_state(row.run_id, state)
    return store.row(row.run_id)


def test_the_single_task_runs_on_the_same_rows_are_found_and_no_others(store: Store) -> None:
    run = add(store, SharedBottom())
    assert single_task_runs(run, store=store) == []
    older, newer = add(store, Single(), seed=2), add(store, Single(), seed=3)
    add(store, SharedBottom())
    add(store, Single(), data=SimulatedAliCcp(num_rows=2000))
    add(store, Single(), schema=SCHEMA.model_copy(update={"tasks": TASKS[:2]}))
    add(store, Single(), state="stopped")
    add(store, Single(), state="failed")
    add(store, Single(), positives=31)
    assert [row.run_id for row in single_task_runs(run, store=store)] == [newer.run_id, older.run_id]
    assert [row.run_id for row in single_task_runs(newer, store=store)] == [older.run_id]


def test_predictions_are_those_of_the_rows_on_which_the_task_was_observed(store: Store) -> None:
    run = add(store, SharedBottom(), seed=4)
    expected = np.random.default_rng(4).random((60, 3)).astype(np.float32)
    labels, scores = store.predictions(run.run_id, "buy")
    assert np.array_equal(labels, LABELS[OBSERVED, 1])
    assert np.array_equal(scores, expected[OBSERVED, 1])
    assert len(store.predictions(run.run_id, "a.click")[0]) == 60


def test_each_task_is_compared_with_all_single_task_runs(store: Store) -> None:
    run, one, other = add(store, SharedBottom()), add(store, Single(), seed=2), add(store, Single(), seed=3)
    gains = task_gains(run, [one, other], store=store)
    assert list(gains) == ["a.click", "buy", "stay"]
    assert {task: gain.measure for task, gain in gains.items() if gain} == {
        "a.click": "auc",
        "buy": "auc",
        "stay": "rmse",
    }
    assert gains["buy"].rows == OBSERVED.sum()
    assert gains["buy"].lowest_single < gains["buy"].found.other < gains["buy"].highest_single
    itself = task_gains(run, [run], store=store)
    assert all(gain is not None and gain.gain == 0 for gain in itself.values())


def test_other_rows_of_the_same_name_are_refused(store: Store) -> None:
    run, other = add(store, SharedBottom()), add(store, Single(), labels=LABELS[::-1])
    with pytest.raises(RunError, match="tested on other rows"):
        task_gains(run, [other], store=store)


def test_lost_predictions_are_said_and_a_last_word_is_found(store: Store) -> None:
    run = add(store, SharedBottom())
    assert store.end(run.run_id).metrics["buy"].positives == 30
    assert store.end(add(store, SharedBottom(), state="failed").run_id) is None
    (store.run_folder(run.run_id) / "predictions.parquet").unlink()
    with pytest.raises(RunError, match="has kept no predictions"):
        store.predictions(run.run_id, "buy")
