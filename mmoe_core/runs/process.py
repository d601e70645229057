"""A run's process: started, resumed, stopped. It outlives whoever started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from ..config import PROJECT, DataConfig, RunConfig, Schema, Simulated, check_memory, check_processes, check_tasks
from ..errors import RunError
from ..records import Stop
from .lock import Lock, is_held, take_lock
from .memory import available_bytes
from .parking import PARKING, Parking
from .row import FINAL_STATES, RunRow
from .store import Store
from .worker import LOCK_VARIABLE

__all__ = [
    "MADE_AT_ONCE",
    "PROGRAM",
    "Patience",
    "check_trainable",
    "enlist",
    "reopen",
    "resume",
    "schema_of",
    "start",
    "stop",
    "submit",
]

PROGRAM = (sys.executable, "-m", "mmoe_core", "train", "--run")
_LOCK_WAIT_S = 0.5
_POLL_S = 0.03
MADE_AT_ONCE = 500_000  # rows that are simulated while somebody waits: a few seconds; more are left to the run


@dataclass(frozen=True)
class Patience:
    """How long a run is given to stop, in seconds since it was asked.

    Attributes:
        asked_s: To hear it; then comes SIGTERM.
        told_s: To hear that; then comes SIGKILL for its process group.
        testing_s: To end, if it has heard: it still tests its best weights.
    """

    asked_s: float = 3.0
    told_s: float = 10.0
    testing_s: float = 60.0


def schema_of(config: DataConfig, *, store: Store | None = None) -> Schema:
    """Fields and tasks of a dataset, which is made first where it can be (a few seconds, once).

    Raises:
        DatasetError: it is not there and cannot be made, or is damaged.
    """
    from ..data import prepare

    schema: Schema = prepare(config, home=None if store is None else store.folder.parent).schema
    return schema


def submit(
    config: RunConfig,
    name: str = "",
    *,
    store: Store | None = None,
    program: Sequence[str] = PROGRAM,
    parking: Parking = PARKING,
) -> RunRow:
    """Start a run in a process of its own; the same config already live is shown instead of started again.

    Args:
        config: What to train.
        name: What people call it.
        store: Where it goes; default: under `MMOE_HOME`.
        program: The command that trains, to which the run's id is added.
        parking: Where a warm trainer may wait, which then becomes the run instead.

    Raises:
        ConfigError: the dataset has no such task, or this machine not the memory; nothing was started. (A simulation
            of millions of rows is made, and checked, by the run's process.)
        DatasetError: the dataset is not there.
    """
    store = Store() if store is None else store
    row, lock = enlist(config, name, store)
    return row if lock is None else start(store, row, lock, program, parking)


def enlist(config: RunConfig, name: str, store: Store, *, num_here: int | None = None) -> tuple[RunRow, Lock | None]:
    """A new run and its lock; or the same config's that is live already, whose lock somebody else has.

    Args:
        config: As in `submit`.
        name: As in `submit`.
        store: Where it goes.
        num_here: How many of its processes are on this machine; default: all.

    Raises:
        ConfigError: as in `submit`.
        DatasetError: as in `submit`.
    """
    schema = check_trainable(config, store, num_here=num_here)
    with store.transaction():  # two who submit at once meet here
        for live in store.live_rows(config):
            return live, None
        row = store.create(config, name, schema=schema)
        lock = take_lock(store.lock_file(row.run_id))
        if lock is None:
            raise _busy(row)
    return row, lock


def check_trainable(config: RunConfig, store: Store, *, num_here: int | None = None) -> Schema | None:
    """Refuse what cannot be trained, as far as that can be known before its process opens the dataset.

    Returns:
        Fields and tasks; None where the dataset is still to be made and that takes long.

    Raises:
        ConfigError: as in `submit`.
        DatasetError: as in `submit`.
    """
    check_processes(config)
    if _takes_long(config.data, store):
        return None
    schema = schema_of(config.data, store=store)
    check_tasks(config, schema)
    check_memory(config.model, config.train, schema, available_bytes(), num_here=num_here)
    return schema


def resume(
    run_id: str, *, store: Store | None = None, program: Sequence[str] = PROGRAM, parking: Parking = PARKING
) -> RunRow:
    """Go on with an interrupted run from its last checkpoint, as if nothing had happened.

    Raises:
        RunError: there is no such run, or it was not interrupted.
    """
    store = Store() if store is None else store
    return start(store, store.row(run_id), reopen(store, run_id), program, parking)


def reopen(store: Store, run_id: str) -> Lock:
    """Make an interrupted run one that waits again, for whoever gets its lock.

    Raises:
        RunError: there is no such run, or it was not interrupted.
    """
    row = store.row(run_id)
    if not row.can_be_resumed:
        raise RunError(
            "Run {run_id} is {state}; only an interrupted run can be resumed.", run_id=run_id, state=row.state
        )
    lock = take_lock(store.lock_file(run_id), wait_s=_LOCK_WAIT_S)
    if lock is None:
        raise _busy(row)
    store.drop_intents(run_id)
    store.set_state(run_id, "queued")
    return lock


def stop(run_id: str, *, store: Store | None = None, patience: Patience = Patience(), wait: bool = True) -> RunRow:
    """Ask a run to stop, and see to it: by intent, then SIGTERM, then SIGKILL of its process group.

    Args:
        run_id: A live run.
        store: Where it is; default: under `MMOE_HOME`.
        patience: How long each step of the ladder waits.
        wait: Return when the process is gone; else at once, while a thread sees to it.

    Raises:
        RunError: there is no such run, or it is not live.
    """
    store = Store() if store is None else store
    store.intend(run_id, Stop())
    if wait:
        _see_it_stop(store, run_id, patience)
    else:
        threading.Thread(target=_see_it_stop, args=(store, run_id, patience), daemon=True).start()
    return store.row(run_id)


def start(store: Store, row: RunRow, lock: Lock, program: Sequence[str], parking: Parking) -> RunRow:
    """Give a run that waits its process, which takes over its lock."""
    home = {"MMOE_HOME": str(store.folder.parent)}
    with lock, (store.run_folder(row.run_id) / "log.txt").open("ab") as log:
        # The lock passes on without ever being free, so no reader sees a run that nobody works on.
        warm = parking.hand_over(row.run_id, lock, log, home) if row.config.train.num_threads == 1 else None
        process = warm or _cold(row, lock, log, program, home)
        store.set_pid(row.run_id, process.pid)

    def reap() -> None:
        process.wait()
        parking.park()

    threading.Thread(target=reap, daemon=True, name=f"reap {row.run_id}").start()
    return store.row(row.run_id)


def _cold(
    row: RunRow, lock: Lock, log: IO[bytes], program: Sequence[str], home: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    threads = str(row.config.train.num_threads)
    of_torch = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}  # read when torch is loaded
    return subprocess.Popen(
        [*program, row.run_id],
        cwd=PROJECT,
        env=os.environ | home | of_torch | {LOCK_VARIABLE: str(lock.descriptor)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=(lock.descriptor,),
    )


def _see_it_stop(store: Store, run_id: str, patience: Patience) -> None:
    path = store.lock_file(run_id)
    asked = time.monotonic()
    was_told = False
    while is_held(path):
        waited_s = time.monotonic() - asked
        has_heard = not store.is_stop_wanted(run_id)
        if waited_s >= (patience.testing_s if has_heard else patience.told_s):
            _signal(store, run_id, signal.SIGKILL)
        elif waited_s >= patience.asked_s and not has_heard and not was_told:
            _signal(store, run_id, signal.SIGTERM)
            was_told = True
        time.sleep(_POLL_S)
    lock = take_lock(path, wait_s=_LOCK_WAIT_S)
    if lock is None:  # gone on by somebody's resume, or deleted
        return
    with lock:
        if store.raw_row(run_id)["state"] not in FINAL_STATES:
            store.set_state(run_id, "stopped")


def _signal(store: Store, run_id: str, number: signal.Signals) -> None:
    """To the run's process and its children. The lock is held, so the number is still its own."""
    pid = store.raw_row(run_id)["pid"]
    if pid is None or not is_held(store.lock_file(run_id)):
        return
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:  # started by hand, in a group with others
            os.kill(pid, number)


def _takes_long(config: DataConfig, store: Store) -> bool:
    """Whether a dataset is still to be made and is so large that the run's own process makes it, and checks it then."""
    is_large = isinstance(config, Simulated) and config.num_rows > MADE_AT_ONCE
    return is_large and not (store.folder.parent / "datasets" / config.dataset_name).is_dir()


def _busy(row: RunRow) -> RunError:
    return RunError("Run {run_id} already has a process.", run_id=row.run_id)
