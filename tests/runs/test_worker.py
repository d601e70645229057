"""A run's process: what the trainer says is what the store has, and what people ask is done before the next step."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mmoe_core.errors import RunError, TrainingError
from mmoe_core.records import (
    ChangeRecord,
    Continue,
    EpochRecord,
    Pause,
    Record,
    SetLearningRate,
    SetTaskWeights,
    StepOnce,
    StepRecord,
    Stop,
)
from mmoe_core.runs import Store, delta, files, gate_epochs, read_checkpoint, work
from mmoe_core.runs.files import checkpoint_epochs
from mmoe_core.runs.lock import is_held
from mmoe_core.training import TrainingState
from tests.runs import fakes
from tests.runs.fakes import STEPS_PER_EPOCH, Working, until

slow_fit = partial(fakes.fit, step_s=0.005)


def steps(store: Store, run_id: str) -> list[StepRecord]:
    return [record for record in store.records(run_id, ["step"]) if isinstance(record, StepRecord)]


def started(store: Store, *, epochs: int = 1_000, seed: int = 1, slots: int = 4) -> tuple[str, Working]:
    run_id = store.create(fakes.config(epochs=epochs, seed=seed)).run_id
    return run_id, Working(store, run_id, slow_fit, slots=slots)


def stop(store: Store, run_id: str, working: Working) -> None:
    store.intend(run_id, Stop())
    working.join(30)
    assert not working.is_alive()
    assert store.row(run_id).state == "stopped"
    assert not is_held(store.lock_file(run_id))


def test_the_stream_in_the_store_is_the_trainers(store: Store) -> None:
    config = fakes.config()
    run_id = store.create(config, "name").run_id
    row = work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
    assert store.records(run_id) == fakes.said(fakes.fit(config, fakes.dataset()))
    assert (row.state, row.steps, row.total_steps) == ("finished", 3 * STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH)
    assert row.schema == fakes.SCHEMA
    assert store.rows_per_second(run_id) == pytest.approx(1_000)


def test_what_is_too_big_for_the_store_lies_in_the_runs_folder(store: Store) -> None:
    run_id = store.create(fakes.config(epochs=9)).run_id
    work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
    folder = store.run_folder(run_id)
    assert checkpoint_epochs(folder) == [0, 1, 2, 4, 8, 9]
    assert gate_epochs(folder) == list(range(10))
    assert read_checkpoint(folder, 2).counters["step"] == 2 * STEPS_PER_EPOCH
    assert [level.shape for level in store.probe_gates(run_id, "best")] == [(3, 2, 2)]
    assert np.array_equal(store.probe_gates(run_id, 0)[0], np.full((3, 2, 2), 0.5))
    table = pq.read_table(folder / "predictions.parquet")
    assert table.column_names == [
        f"{what}:{task}" for what in ("score", "label", "observed") for task in ("click", "purchase")
    ]
    assert not list(folder.rglob("*.part"))
    with pytest.raises(RunError, match="no gates of epoch 99"):
        store.probe_gates(run_id, 99)


def test_a_pause_holds_before_the_next_step_and_shows_all_that_was_said(store: Store) -> None:
    run_id, working = started(store)
    until(lambda: len(steps(store, run_id)) > 3)
    before = len(steps(store, run_id))
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    paused_at = [record.step for record in steps(store, run_id)]
    taken_before = store.taken_intents(run_id, 0)[-1][0]
    assert paused_at == list(range(1, taken_before))
    assert taken_before > before
    for presses in (1, 3):
        for _ in range(presses):
            store.intend(run_id, StepOnce())
        wanted = len(paused_at) + presses
        until(partial(lambda wanted: len(steps(store, run_id)) == wanted, wanted))
        until(lambda: store.row(run_id).state == "paused")
        paused_at = [record.step for record in steps(store, run_id)]
    assert len(paused_at) == taken_before - 1 + 4
    store.intend(run_id, Continue())
    until(lambda: len(steps(store, run_id)) > len(paused_at) + 5)
    stop(store, run_id, working)


def test_a_change_is_felt_by_the_step_after_it_was_taken_and_recorded_before_that_step(store: Store) -> None:
    run_id, working = started(store)
    until(lambda: len(steps(store, run_id)) > 3)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")  # no step runs between the two wishes
    store.intend(run_id, SetTaskWeights(task_weights={"click": 7.0}))
    store.intend(run_id, SetLearningRate(learning_rate=0.5))
    store.intend(run_id, Continue())
    until(lambda: steps(store, run_id)[-1].task_weights["click"] == 7.0)
    stop(store, run_id, working)
    taken_before = store.taken_intents(run_id, 0)[0][0]
    stream = [record for record in store.records(run_id) if isinstance(record, ChangeRecord | StepRecord)]
    at = stream.index(ChangeRecord(step=taken_before, task_weights={"click": 7.0, "purchase": 1.0}))
    assert stream[at + 1] == ChangeRecord(step=taken_before, learning_rate=0.5)
    last, first = stream[at - 1], stream[at + 2]
    assert isinstance(last, StepRecord)
    assert isinstance(first, StepRecord)
    assert (last.task_weights["click"], first.task_weights["click"]) == (1.0, 7.0)
    assert first.step == taken_before == last.step + 1


def test_a_paused_run_obeys_stop_and_keeps_its_last_word(store: Store) -> None:
    run_id, working = started(store)
    until(lambda: store.row(run_id).is_live)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    stop(store, run_id, working)
    assert store.records(run_id)[-1].kind == "end"


def test_one_slot_trains_one_run_at_a_time_oldest_first_and_a_pause_gives_it_back(store: Store) -> None:
    first, working_first = started(store, seed=1, slots=1)
    until(lambda: store.row(first).state == "running")
    second, working_second = started(store, seed=2, slots=1)
    third, working_third = started(store, seed=3, slots=1)
    until(lambda: store.queue() == [second, third])
    assert b'"queue_position": 2' in (delta(store, third) or b"")
    assert steps(store, second) == []
    store.intend(first, Pause())
    until(lambda: store.row(second).state == "running")
    assert store.row(third).state == "queued"
    store.intend(first, Continue())
    until(lambda: store.queue() == [first, third])
    stop(store, third, working_third)
    assert steps(store, third) == []
    stop(store, second, working_second)
    until(lambda: store.row(first).state == "running")
    stop(store, first, working_first)


def test_a_training_error_is_told_and_the_last_good_checkpoint_stays(store: Store) -> None:
    error = TrainingError("At step {step} the loss of {task} is not a number.", step=12, task="click")
    run_id = store.create(fakes.config()).run_id
    row = work(run_id, store=store, fit=partial(fakes.fit, fails_at=12, failure=error), prepare=fakes.dataset)
    assert row.state == "failed"
    assert row.error is not None
    assert row.error.to_json() == error.to_json()
    assert [record.step for record in steps(store, run_id)] == list(range(1, 12))
    assert checkpoint_epochs(store.run_folder(run_id))[-1] == 1


def test_a_mistake_of_the_program_names_the_log_and_the_log_has_it(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    row = work(run_id, store=store, fit=partial(fakes.fit, fails_at=2, failure=KeyError("oops")), prepare=fakes.dataset)
    assert row.state == "failed"
    assert isinstance(row.error, RunError)
    named = Path(str(row.error.values["file"]))
    assert "KeyError: 'oops'" in (store.folder.parent / named).read_text()


def test_an_epoch_is_not_said_before_its_checkpoint_is_safe(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write = files.write_checkpoint

    def full_from_the_second_epoch_on(folder: Path, epoch: int | str, state: TrainingState) -> None:
        if epoch == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(folder, epoch, state)

    monkeypatch.setattr(files, "write_checkpoint", full_from_the_second_epoch_on)
    run_id = store.create(fakes.config()).run_id
    row = work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
    assert (row.state, row.steps) == ("failed", 2 * STEPS_PER_EPOCH)
    assert "No space left on device" in str(row.error)
    assert [record.epoch for record in store.records(run_id, ["epoch"]) if isinstance(record, EpochRecord)] == [0, 1]
    assert checkpoint_epochs(store.run_folder(run_id)) == [0, 1]


@pytest.mark.parametrize("crashed_at", [1, STEPS_PER_EPOCH, STEPS_PER_EPOCH + 1, 2 * STEPS_PER_EPOCH + 3])
def test_a_crashed_run_goes_on_as_if_nothing_had_happened(store: Store, crashed_at: int) -> None:
    change = SetTaskWeights(task_weights={"click": 5.0})

    class ChangedOnce:
        def take(self, step: int) -> list[SetTaskWeights]:
            return [change] if step == STEPS_PER_EPOCH + 2 else []

    config = fakes.config()
    expected: list[Record] = fakes.said(fakes.fit(config, fakes.dataset(), controls=ChangedOnce()))  # type: ignore[arg-type]
    run_id = store.create(config).run_id
    store.query(
        "INSERT INTO intents VALUES (?, 1, ?, ?)", (run_id, change.model_dump_json(), STEPS_PER_EPOCH + 2)
    )  # as if an earlier life had taken it then

    class PowerCut(BaseException):
        pass

    cut = partial(fakes.fit, fails_at=crashed_at, failure=PowerCut())  # type: ignore[arg-type]
    with pytest.raises(PowerCut):
        work(run_id, store=store, fit=cut, prepare=fakes.dataset)
    assert store.row(run_id).state == "interrupted"
    store.append(run_id, [fakes.step_record(99)])  # said, but not part of any checkpoint
    row = work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
    assert row.state == "finished"
    assert store.records(run_id) == expected


def test_an_ended_run_and_a_busy_one_are_refused(store: Store) -> None:
    run_id, working = started(store)
    until(lambda: store.row(run_id).state == "running")
    with pytest.raises(RunError, match="already has a process"):
        work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
    stop(store, run_id, working)
    with pytest.raises(RunError, match="has ended: it is stopped"):
        work(run_id, store=store, fit=fakes.fit, prepare=fakes.dataset)
