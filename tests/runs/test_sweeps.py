"""Sweeps with real processes and a trainer without a network: queued, found again, stopped, gone on with."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest

from mmoe_core.config import WeightSweep, sweep_points
from mmoe_core.errors import ConfigError, RunError
from mmoe_core.records import ChangeRecord
from mmoe_core.runs import Store, Sweep, continue_sweep, read_sweep, read_sweeps, start_sweep, stop_sweep
from tests.runs import fakes
from tests.runs.fakes import Working, until

FAKE = (sys.executable, "-m", "tests.runs.fake_program")


def plan(*, epochs: int = 1, **choices: Any) -> WeightSweep:
    base = fakes.config(epochs=epochs)
    return WeightSweep(**{"base": base, "task": "purchase", "num_points": 2, "seeds": (1,), **choices})


def ids(sweep: Sweep) -> list[str]:
    return [one.run.run_id for one in sweep.runs if one.run]


def finish(store: Store, sweep: Sweep) -> None:
    until(lambda: read_sweep(sweep.sweep_id, store=store).is_finished)
    until(lambda: not any(store.has_process(run_id) for run_id in ids(sweep)))


def test_all_runs_are_queued_at_once_and_another_store_finds_them(store: Store) -> None:
    started = start_sweep(plan(), store=store, program=FAKE)
    assert [one.run.config for one in started.runs] == [one.config for one in sweep_points(started.plan)]
    finish(store, started)
    again = Store(store.folder)
    (found,) = read_sweeps(store=again)
    again.close()
    assert (found.sweep_id, found.plan, ids(found)) == (started.sweep_id, started.plan, ids(started))
    assert (found.num_ended, found.is_live, len(found.finished)) == (3, False, 3)


def test_the_same_plan_is_the_same_sweep_and_trains_nothing_twice(store: Store) -> None:
    started = start_sweep(plan(), store=store, program=FAKE)
    while_live = start_sweep(plan(), store=store, program=FAKE)
    assert (while_live.sweep_id, ids(while_live)) == (started.sweep_id, ids(started))
    finish(store, started)
    afterwards = start_sweep(plan(), store=store, program=FAKE)
    assert (afterwards.sweep_id, ids(afterwards)) == (started.sweep_id, ids(started))
    assert len(store.rows()) == 3


def test_a_run_that_finished_before_is_a_point_unless_something_was_set_while_it_trained(store: Store) -> None:
    first, second, alone = (point.config for point in sweep_points(plan()))
    rows = [store.create(config) for config in (first, second, alone)]
    for row in rows:
        Working(store, row.run_id).join()
    store.append(rows[1].run_id, [ChangeRecord(step=3, learning_rate=0.5)])
    started = start_sweep(plan(), store=store, program=FAKE)
    assert [one.run.run_id == row.run_id for one, row in zip(started.runs, rows, strict=True)] == [True, False, True]
    finish(store, started)
    assert len(store.rows()) == 4


def test_a_larger_sweep_takes_over_what_a_smaller_one_has(store: Store) -> None:
    small = start_sweep(plan(), store=store, program=FAKE)
    finish(store, small)
    large = start_sweep(plan(num_points=3), store=store, program=FAKE)
    assert large.sweep_id != small.sweep_id
    assert set(ids(small)) < set(ids(large))
    finish(store, large)
    assert len(store.rows()) == 4


def test_a_stop_reaches_those_that_wait_and_going_on_trains_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_SLOTS", "1")
    started = start_sweep(plan(epochs=500), store=store, program=FAKE)
    until(lambda: any(row.state == "running" for row in store.rows()))
    stopped = stop_sweep(started.sweep_id, store=store)
    assert {one.run.state for one in stopped.runs} == {"stopped"}
    assert (stopped.num_ended, stopped.is_live, stopped.is_finished, stopped.finished) == (3, False, False, ())
    assert sum(one.run.steps > 0 for one in stopped.runs) <= 1
    assert not any(store.has_process(run_id) for run_id in ids(stopped))
    on = continue_sweep(started.sweep_id, store=store, program=FAKE)
    assert not set(ids(on)) & set(ids(stopped))
    assert on.is_live
    stop_sweep(started.sweep_id, store=store)


def test_an_interrupted_run_goes_on_and_a_deleted_one_begins_anew(store: Store) -> None:
    started = start_sweep(plan(epochs=4, with_singles=False), store=store, program=FAKE)
    killed, deleted = ids(started)
    until(lambda: store.row(killed).steps > 10)
    os.kill(int(store.raw_row(killed)["pid"]), signal.SIGKILL)
    until(lambda: store.row(killed).state == "interrupted")
    until(lambda: store.row(deleted).state == "finished")
    store.delete(deleted)
    found = read_sweep(started.sweep_id, store=store)
    assert [one.run and one.run.state for one in found.runs] == ["interrupted", None]
    assert (found.num_ended, found.is_live) == (0, False)
    on = continue_sweep(started.sweep_id, store=store, program=FAKE)
    assert ids(on)[0] == killed
    assert ids(on)[1] != deleted
    finish(store, on)


def test_nothing_is_started_of_what_is_refused_and_no_name_is_followed(store: Store) -> None:
    with pytest.raises(ConfigError, match="names the task 'stay'"):
        start_sweep(plan(task="stay"), store=store, program=FAKE)
    assert (store.rows(), read_sweeps(store=store)) == ([], [])
    for name in ("20260101T000000-000000", "../x"):
        with pytest.raises(RunError, match="There is no"):
            read_sweep(name, store=store)
