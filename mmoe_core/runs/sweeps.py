"""Sweeps of task weights: which runs they consist of, started, gone on with and stopped together.

A sweep is a plan and, per point of it, a run of the store: it outlives page and server as its runs do. The same plan is
the same sweep. A point whose run has finished, here or before anybody thought of a sweep, is not trained again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..config import RunConfig, SweepPoint, WeightSweep, check_sweep, sweep_from_json, sweep_points
from ..errors import RunError
from .parking import PARKING, Parking
from .process import PROGRAM, check_trainable, resume, schema_of, stop, submit
from .row import FINAL_STATES, RunRow, check_run_id, new_run_id, utc_now
from .store import Store

__all__ = ["Sweep", "SweptRun", "continue_sweep", "read_sweep", "read_sweeps", "start_sweep", "stop_sweep"]

_POLL_S = 0.03


@dataclass(frozen=True)
class SweptRun:
    """A point, and its run; None where nobody has started it, or somebody has deleted it."""

    point: SweepPoint
    run: RunRow | None


@dataclass(frozen=True)
class Sweep:
    """One sweep.

    Attributes:
        sweep_id: Formed like a run's.
        plan: What was asked for.
        created_at: UTC.
        runs: Per point, in the plan's order.
    """

    sweep_id: str
    plan: WeightSweep
    created_at: datetime
    runs: tuple[SweptRun, ...]

    @property
    def num_ended(self) -> int:
        """Points whose run has come to an end of any kind."""
        return sum(one.run is not None and not one.run.is_live and not one.run.can_be_resumed for one in self.runs)

    @property
    def is_live(self) -> bool:
        """Whether a run of it trains or waits."""
        return any(one.run is not None and one.run.is_live for one in self.runs)

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing to go on with."""
        return all(one.run is not None and one.run.state == "finished" for one in self.runs)

    @property
    def finished(self) -> tuple[SweptRun, ...]:
        """The points that have all they need: only these may be drawn beside each other."""
        return tuple(one for one in self.runs if one.run is not None and one.run.state == "finished")


def start_sweep(
    plan: WeightSweep, *, store: Store | None = None, program: Sequence[str] = PROGRAM, parking: Parking = PARKING
) -> Sweep:
    """Queue all runs of a plan that are not there yet; a plan that was started before is gone on with.

    Args:
        plan: What to train.
        store: Where it goes; default: under `MMOE_HOME`.
        program: As in `submit`.
        parking: As in `submit`.

    Raises:
        ConfigError: the plan trades nothing or takes too many runs, or as in `submit`; nothing was started.
        DatasetError: the dataset is not there.
    """
    store = Store() if store is None else store
    check_sweep(plan, schema_of(plan.base.data, store=store))
    for point in sweep_points(plan):
        if point.seed == plan.seeds[0]:
            check_trainable(point.config, store)
    text = plan.model_dump_json()
    with store.transaction():  # two who start at once meet here
        store.query(
            "INSERT OR IGNORE INTO sweeps (sweep_id, plan, created_at) VALUES (?, ?, ?)",
            (new_run_id(), text, utc_now()),
        )
        (found,) = store.query("SELECT sweep_id FROM sweeps WHERE plan = ?", (text,))
    return continue_sweep(found["sweep_id"], store=store, program=program, parking=parking)


def continue_sweep(
    sweep_id: str, *, store: Store | None = None, program: Sequence[str] = PROGRAM, parking: Parking = PARKING
) -> Sweep:
    """See to it that every point has a run that is live or finished: interrupted ones go on, others begin anew.

    Args:
        sweep_id: Of a sweep of the store.
        store: As in `start_sweep`.
        program: As in `submit`.
        parking: As in `submit`.

    Raises:
        RunError: there is no such sweep.
        ConfigError: as in `submit`.
        DatasetError: as in `submit`.
    """
    store = Store() if store is None else store
    for place, one in enumerate(read_sweep(sweep_id, store=store).runs):
        row = one.run
        if row is not None and (row.is_live or row.state == "finished"):
            continue
        if row is not None and row.can_be_resumed:
            resume(row.run_id, store=store, program=program, parking=parking)
            continue
        config = one.point.config
        row = _finished(config, store) or submit(
            config, _name(one.point), store=store, program=program, parking=parking
        )
        with store.transaction():
            store.query("INSERT OR REPLACE INTO sweep_points VALUES (?, ?, ?)", (sweep_id, place, row.run_id))
    return read_sweep(sweep_id, store=store)


def stop_sweep(sweep_id: str, *, store: Store | None = None, wait: bool = True) -> Sweep:
    """Ask all its live runs to stop, those that wait first, so that none of them gets a slot on the way.

    Args:
        sweep_id: Of a sweep of the store.
        store: Where it is; default: under `MMOE_HOME`.
        wait: As in `stop`.

    Raises:
        RunError: there is no such sweep.
    """
    store = Store() if store is None else store
    live = [one.run for one in read_sweep(sweep_id, store=store).runs if one.run is not None and one.run.is_live]
    for row in sorted(live, key=lambda row: row.state != "queued"):
        try:
            stop(row.run_id, store=store, wait=False)
        except RunError:  # it has ended in between
            continue
    while wait and any(_is_ending(row.run_id, store) for row in live):
        time.sleep(_POLL_S)
    return read_sweep(sweep_id, store=store)


def read_sweep(sweep_id: str, *, store: Store) -> Sweep:
    """A sweep with its runs as they are now.

    Raises:
        RunError: there is none of that name.
    """
    found = store.query("SELECT * FROM sweeps WHERE sweep_id = ?", (check_run_id(sweep_id),))
    if not found:
        raise RunError(
            "There is no sweep '{sweep_id}'. `python -m mmoe_core sweep list` lists them.", sweep_id=sweep_id
        )
    plan = sweep_from_json(found[0]["plan"])
    run_ids = dict(map(tuple, store.query("SELECT place, run_id FROM sweep_points WHERE sweep_id = ?", (sweep_id,))))
    points = enumerate(sweep_points(plan))
    return Sweep(
        sweep_id,
        plan,
        datetime.fromisoformat(found[0]["created_at"]),
        tuple(SweptRun(point, _row(run_ids.get(place), store)) for place, point in points),
    )


def read_sweeps(*, store: Store) -> list[Sweep]:
    """All sweeps, newest first."""
    found = store.query("SELECT sweep_id FROM sweeps ORDER BY created_at DESC")
    return [read_sweep(sweep_id, store=store) for (sweep_id,) in found]


def _row(run_id: str | None, store: Store) -> RunRow | None:
    if run_id is None:
        return None
    try:
        return store.row(run_id)
    except RunError:  # deleted
        return None


def _is_ending(run_id: str, store: Store) -> bool:
    return store.has_process(run_id) or store.raw_row(run_id)["state"] not in FINAL_STATES


def _finished(config: RunConfig, store: Store) -> RunRow | None:
    """The newest finished run that these very choices have made: no branch, and nothing was set while it trained."""
    return next(
        (
            row
            for row in store.finished_rows(config.model.kind)
            if row.config == config and row.parent_run_id is None and not store.bodies(row.run_id, ["change"])
        ),
        None,
    )


def _name(point: SweepPoint) -> str:
    return "sweep: single-task" if point.weight is None else f"sweep: {point.weight:g}"
