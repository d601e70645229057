"""Time travel: back to a state that a run has kept, one choice changed, and on from there as a run of its own.

What a branch shares with its parent is copied, records and gates, so that it can be read alone and outlives its parent.
It begins with the learning rate and the task weights that were in force at that step, also if they were set live; what
was set live after that step is not set again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..config import RunConfig, branched, num_steps, steps_per_epoch
from ..errors import ConfigError, RunError
from ..records import EpochRecord, SavepointRecord, record_from_json
from . import files
from .lock import take_lock
from .parking import PARKING, Parking
from .process import PROGRAM, check_trainable, start
from .row import RunRow, new_run_id
from .store import Store

__all__ = ["BranchPoint", "branch", "branch_points"]

_LEARNING_RATE, _TASK_WEIGHTS, _BALANCER = "train.learning_rate", "train.task_weights.", "balancer"


@dataclass(frozen=True)
class BranchPoint:
    """A state that a run has kept.

    Attributes:
        step: After which it was; 0 has the initial weights.
        epochs: How many were done.
        checkpoint: What it is called in the run's folder.
        seq: Of the record that tells of it.
    """

    step: int
    epochs: int
    checkpoint: int | str
    seq: int


def branch_points(run_id: str, *, store: Store) -> list[BranchPoint]:
    """Where a run can be branched, in order of steps.

    An epoch that a stop or a limit cut short is none: a branch would have to end it a second time.

    Raises:
        RunError: there is no such run.
        DatasetError: its dataset is not there.
    """
    config, folder = store.row(run_id).config, store.run_folder(run_id)
    per_epoch = steps_per_epoch(config.train, _num_rows(config, store))
    epochs, found = 0, list[BranchPoint]()
    name: int | str
    for seq, body in store.bodies(run_id, ["epoch", "savepoint"]):
        match record_from_json(body):
            case EpochRecord(epoch=epoch, step=step) if step == epoch * per_epoch:
                epochs, name = epoch, epoch
            case SavepointRecord(step=step):
                name = files.savepoint(step)
            case _:
                continue
        if files.has_checkpoint(folder, name):
            found.append(BranchPoint(step, epochs, name, seq))
    return found


def branch(
    run_id: str,
    at: int,
    changes: Mapping[str, str],
    name: str = "",
    *,
    store: Store | None = None,
    program: Sequence[str] = PROGRAM,
    parking: Parking = PARKING,
) -> RunRow:
    """Go back to a step of a run and on from there, in a run of its own that nothing but its past ties to the other.

    Without changes its numbers are the parent's, to the last bit, unless something was set live after that step. Each
    call makes a run, also where another one with the same choices is live.

    Args:
        run_id: The parent.
        at: A step of `branch_points`.
        changes: Choices as `path=value`; a balancing that changes begins anew.
        name: What people call it.
        store: Where both are; default: under `MMOE_HOME`.
        program: As in `submit`.
        parking: As in `submit`.

    Raises:
        ConfigError: a choice is unknown, or settled by the past, or leaves nothing to train; nothing was started.
        DatasetError: the dataset is not there.
        RunError: there is no such run, or it has no state of that step.
    """
    store = Store() if store is None else store
    parent = store.row(run_id)
    config = branched(parent.config, changes)
    point = _point(run_id, at, store)
    schema = check_trainable(config, store)
    total = num_steps(config.train, _num_rows(config, store))
    if total <= at:
        raise ConfigError(
            "With these choices a run ends after step {total}, so a branch at step {step} has nothing left to train. "
            "Branch at an earlier step, or raise train.epochs or train.max_steps.",
            total=total,
            step=at,
        )
    row = RunRow(
        run_id=new_run_id(),
        name=name,
        state="queued",
        config=config,
        schema=schema or parent.schema,
        total_steps=total,
        steps=at,
        created_at=datetime.now(UTC),
        started_at=None,
        ended_at=None,
        error=None,
        parent_run_id=run_id,
        parent_step=at,
    )
    source, folder = store.run_folder(run_id), store.run_folder(row.run_id)
    folder.mkdir()
    try:
        counters = _changed(files.read_counters(source, point.checkpoint), config, changes)
        anew = () if config.train.balancing == parent.config.train.balancing else (_BALANCER,)
        files.copy_checkpoint(source, folder, point.checkpoint, counters, left_out=anew)
        files.copy_gates(source, folder, point.epochs)
        lock = take_lock(store.lock_file(row.run_id))
        assert lock is not None, "nobody else knows this run"
        store.branch_off(row, point.seq)  # at last: a run that can be seen can be trained
    except BaseException:
        shutil.rmtree(folder)
        raise
    return start(store, row, lock, program, parking)


def _point(run_id: str, at: int, store: Store) -> BranchPoint:
    points = branch_points(run_id, store=store)
    for point in points:
        if point.step == at:
            return point
    raise RunError(
        "Run {run_id} has kept no state of step {step} from which it could be branched. Steps that have one: {steps}.",
        run_id=run_id,
        step=at,
        steps=", ".join(str(point.step) for point in points) or "none",
    )


def _changed(counters: dict[str, Any], config: RunConfig, changes: Mapping[str, str]) -> dict[str, Any]:
    """The counters with what was asked for in force, whatever was set while the parent trained."""
    if _LEARNING_RATE in changes:
        counters["learning_rate"] = config.train.learning_rate
    for path in changes:
        if path.startswith(_TASK_WEIGHTS):
            task = path.removeprefix(_TASK_WEIGHTS)
            counters["task_weights"][task] = config.train.task_weight(task)
    return counters


def _num_rows(config: RunConfig, store: Store) -> int:
    from ..data import prepare

    return prepare(config.data, home=store.folder.parent).manifest.rows["train"]
