"""The store keeps what it is told, in order, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mmoe_core.errors import RunError, TrainingError
from mmoe_core.records import (
    ChangeRecord,
    EpochRecord,
    EvaluationRecord,
    Pause,
    Record,
    SetTaskWeights,
    Stop,
)
from mmoe_core.runs import Store, database
from mmoe_core.runs.lock import take_lock
from mmoe_core.runs.row import utc_now
from tests.runs import fakes


def test_every_kind_of_record_comes_back_equal_and_in_order(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    records: list[Record] = [
        fakes.snapshot(0),
        EpochRecord(epoch=0, step=0, metrics=fakes.METRICS, is_best=True, best_epoch=0),
        ChangeRecord(step=1, task_weights={"click": 2.0}),
        fakes.step_record(1),
        EvaluationRecord(step=1, epoch=1, metrics=fakes.METRICS),
        fakes.end_record(1),
    ]
    store.append(run_id, records[:2])
    store.append(run_id, records[2:], durable=True)
    assert store.records(run_id) == records
    assert store.records(run_id, ["step", "change"]) == records[2:4]
    assert store.records(run_id, after=4) == records[4:]
    assert store.row(run_id).steps == 1


def test_gate_snapshots_stay_few_evenly_spaced_and_keep_the_untrained_one(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    for step in range(0, 2_402, 2):
        store.append(run_id, [fakes.snapshot(step)])
        if step in (500, 1_500):
            assert len(store.snapshots(run_id)) <= 500
    assert [snapshot.step for snapshot in store.snapshots(run_id)] == list(range(0, 2_402, 8))


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        "../../etc/passwd",
        "20260101T000000-abcdef/../x",
        "20260101T000000-ABCDEF",
        "20260101T000000-abcdef\n",
        "٢٠٢٦٠١٠١T000000-abcdef",
        "'; DROP TABLE runs; --",
        "x" * 10_000,
        "\x1b[2J",
    ],
)
def test_a_hostile_run_id_is_no_run_and_no_path(store: Store, run_id: str) -> None:
    for ask in (store.row, store.run_folder, store.delete, store.raw_row):
        with pytest.raises(RunError, match="There is no run") as refused:
            ask(run_id)
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 300


def test_a_run_that_nobody_works_on_is_interrupted_and_nobody_stores_that(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    for state in ("queued", "running", "paused"):
        store.set_state(run_id, state)
        with take_lock(store.lock_file(run_id)):  # type: ignore[union-attr]
            assert store.row(run_id).state == state
        assert store.row(run_id).state == "interrupted"
        assert store.raw_row(run_id)["state"] == state


def test_a_final_state_needs_no_process_and_keeps_its_error(store: Store) -> None:
    run_id = store.create(fakes.config(), "my run").run_id
    store.set_state(run_id, "running")
    store.set_state(run_id, "failed", error=TrainingError("Step {step} failed.", step=3))
    row = store.row(run_id)
    assert (row.state, row.name, str(row.error), type(row.error)) == (
        "failed",
        "my run",
        "Step 3 failed.",
        TrainingError,
    )
    assert row.started_at is not None
    assert row.ended_at is not None
    assert row.created_at <= row.started_at <= row.ended_at


def test_an_intent_is_taken_once_and_its_step_is_remembered(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    with take_lock(store.lock_file(run_id)):  # type: ignore[union-attr]
        store.intend(run_id, Pause())
        store.intend(run_id, SetTaskWeights(task_weights={"click": 2.0}))
        assert store.take_intents(run_id, 7) == [Pause(), SetTaskWeights(task_weights={"click": 2.0})]
        assert store.take_intents(run_id, 8) == []
        store.intend(run_id, Stop())
        assert store.is_stop_wanted(run_id)
    assert store.taken_intents(run_id, 6) == [(7, Pause()), (7, SetTaskWeights(task_weights={"click": 2.0}))]
    assert store.taken_intents(run_id, 7) == []


def test_nothing_can_be_asked_of_a_run_without_a_process_or_about_a_task_that_it_has_not(store: Store) -> None:
    run_id = store.create(fakes.config(), schema=fakes.SCHEMA).run_id
    with pytest.raises(RunError, match="interrupted"):
        store.intend(run_id, Pause())
    with (
        take_lock(store.lock_file(run_id)),  # type: ignore[union-attr]
        pytest.raises(RunError, match=r"no task 'like'; it has click, purchase\."),
    ):
        store.intend(run_id, SetTaskWeights(task_weights={"like": 1.0}))


def test_a_live_run_is_not_deleted_and_a_deleted_one_leaves_nothing(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    store.append(run_id, [fakes.step_record(1)])
    with take_lock(store.lock_file(run_id)), pytest.raises(RunError, match="Stop it first"):  # type: ignore[union-attr]
        store.delete(run_id)
    store.delete(run_id)
    assert store.rows() == []
    assert not store.run_folder(run_id).exists()
    with pytest.raises(RunError, match="There is no run"):
        store.row(run_id)


def test_what_a_failed_transaction_wrote_is_not_there(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id

    def fail_half_way() -> None:
        with store.transaction(durable=True):
            store.append(run_id, [fakes.step_record(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert store.records(run_id) == []


def test_many_writers_and_openers_at_once_lose_nothing(store: Store) -> None:
    runs = [store.create(fakes.config(seed=seed)).run_id for seed in range(4)]

    def write(run_id: str) -> None:
        own = Store(store.folder)
        for step in range(1, 101):
            own.append(run_id, [fakes.step_record(step)])
        own.close()

    threads = [threading.Thread(target=write, args=(run_id,)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run_id in runs:
        assert [record.step for record in store.records(run_id)] == list(range(1, 101))


def test_of_a_long_run_one_look_per_stride_stays_and_the_first_of_each_kind(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id  # a look every second step
    store.append(run_id, [fakes.snapshot(0), fakes.pulls(1), fakes.snapshot(1)])
    for step in range(2, 1_302):
        store.append(run_id, [fakes.step_record(step), fakes.pulls(step), fakes.snapshot(step)])
    every = list(range(4, 1_301, 4))
    assert [snapshot.step for snapshot in store.snapshots(run_id)] == [0, *every]
    assert [snapshot.step for snapshot in store.gradients(run_id)] == [1, *every]
    assert [record.step for record in store.records(run_id, ["step"])] == list(range(2, 1_302))


def test_a_database_from_the_future_is_refused_and_left_alone(store: Store) -> None:
    store.query("PRAGMA user_version = 99")
    with pytest.raises(RunError, match="newer version"):
        Store(store.folder)
    assert store.query("PRAGMA user_version")[0][0] == 99


def test_a_database_of_the_first_version_is_brought_up_to_date_with_all_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, records = "20260101T000000-abcdef", [fakes.step_record(1), fakes.step_record(2)]
    with monkeypatch.context() as patch:
        patch.setattr(database, "_MIGRATIONS", database._MIGRATIONS[:1])
        old = database.Database(tmp_path / "runs" / "runs.sqlite3")
        old.query(
            "INSERT INTO runs VALUES (?, 'from before', ?, NULL, 9, 'stopped', 2, ?, NULL, NULL, NULL, NULL)",
            (run_id, fakes.config().model_dump_json(), utc_now()),
        )
        for seq, record in enumerate(records, start=1):
            body = record.model_dump_json()
            old.query("INSERT INTO records VALUES (?, ?, 'step', ?, ?)", (run_id, seq, record.step, body))
        assert old.query("PRAGMA user_version")[0][0] == 1
        old.close()
    store = Store(tmp_path / "runs")
    row = store.row(run_id)
    assert (row.name, row.state, row.steps, row.config) == ("from before", "stopped", 2, fakes.config())
    assert (row.parent_run_id, row.parent_step) == (None, None)
    assert store.records(run_id) == records
    assert store.query("PRAGMA user_version")[0][0] == len(database._MIGRATIONS)
    store.close()


def test_importing_and_asking_the_store_loads_no_torch(store: Store) -> None:
    code = (
        "import sys; from mmoe_core import runs; [getattr(runs, name) for name in runs.__all__];"
        "runs.Store().rows(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
