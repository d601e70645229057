"""The program of a run: what `python -m mmoe_core train --run ID` does from its first lock to its last record.

lock -> slot -> dataset -> every event of the trainer written down -> last word and final state in one transaction.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from ..config import DataConfig, RunConfig, check_memory, check_processes, check_tasks, num_steps
from ..errors import LabError, RunError
from ..records import EpochRecord, Record, SavepointRecord, record_from_json
from . import files
from .controls import StoreControls
from .lock import Lock, adopt_lock, take_lock
from .memory import available_bytes
from .peers import assembled, place_of
from .row import FINAL_STATES, RunRow
from .slots import Slot, num_slots
from .store import Store

if TYPE_CHECKING:
    from ..data import Dataset
    from ..training import Checkpoint, Controls, Event, Finished, Savepoint, TrainingState

__all__ = ["LOCK_VARIABLE", "Fit", "work"]

LOCK_VARIABLE = "MMOE_RUN_LOCK"  # number of the descriptor on which the parent took the run's lock
_FLUSH_S = 0.05
_LOCK_WAIT_S = 0.5


class Fit(Protocol):
    """The trainer, `training.fit`."""

    def __call__(
        self, config: RunConfig, dataset: Dataset, *, controls: Controls, resume_from: TrainingState | None
    ) -> Iterator[Event]:
        """The run's events."""


def work(
    run_id: str,
    *,
    store: Store | None = None,
    fit: Fit | None = None,
    prepare: Callable[[DataConfig], Dataset] | None = None,
    slots: int | None = None,
    for_life: bool = False,
) -> RunRow:
    """Train a run in this process, from its beginning or from its last checkpoint, until it ends.

    Args:
        run_id: A run that has not ended and that no other process works on.
        store: Where it is; default: under `MMOE_HOME`.
        fit: The trainer; default: `training.fit`.
        prepare: Opens the dataset; default: `data.prepare`.
        slots: Runs that may train at once; default: `num_slots()`.
        for_life: Keep the run's lock until this process is gone, so that a free lock means that nothing is left.

    Returns:
        The run in its final state: finished, stopped, or failed with its error.

    Raises:
        RunError: there is no such run, it has ended, or it already has a process.
    """
    store = Store() if store is None else store
    row = store.row(run_id)
    lock = _lock(store, row)
    try:
        if store.raw_row(run_id)["state"] in FINAL_STATES:
            raise RunError("Run {run_id} has ended: it is {state}.", run_id=run_id, state=store.row(run_id).state)
        _Worker(store, row, fit=fit, prepare=prepare, slots=num_slots() if slots is None else slots).run()
    finally:
        if not for_life:
            lock.release()
    return store.row(run_id)


class _Stopped(BaseException):
    """Asked to end before there was anything to end properly."""


class _Worker:
    def __init__(
        self,
        store: Store,
        row: RunRow,
        *,
        fit: Fit | None,
        prepare: Callable[[DataConfig], Dataset] | None,
        slots: int,
    ) -> None:
        self._store = store
        self._run_id = row.run_id
        self._config = row.config
        self._folder = store.run_folder(row.run_id)
        self._fit = fit
        self._prepare = prepare
        self._waiting: list[Record] = []
        self._flushed_at = time.monotonic()
        self._resume_from, replay_after = self._rewind()
        place = place_of()
        self._num_here = row.config.train.num_processes if place is None else place.on_this_machine
        self._slot = Slot(store, row.run_id, slots, self._num_here)
        self._controls = StoreControls(
            store,
            row.run_id,
            self._slot,
            before_waiting=self._flush,
            replay=store.taken_intents(row.run_id, replay_after),
        )
        self._is_training = False

    def run(self) -> None:
        self._store.set_state(self._run_id, "queued", pid=os.getpid())
        try:
            with self._signals():
                self._train()
        except _Stopped:
            self._flush()
            self._store.set_state(self._run_id, "stopped")
        except Exception as error:  # noqa: BLE001 - whatever it was, the person is told and the log has it
            with (self._folder / "log.txt").open("a", encoding="utf-8") as log:
                traceback.print_exc(file=log)
            self._fail(self._explained(error))
        finally:
            self._slot.release()

    def _explained(self, error: Exception) -> LabError:
        """What went wrong, as a sentence."""
        match error:
            case LabError():
                return error
            case OSError():
                return RunError(
                    "Run {run_id} could not read or write a file: {reason}. Its last checkpoint is kept. "
                    "Make room or repair the folder, and train again.",
                    run_id=self._run_id,
                    reason=error.strerror or type(error).__name__,
                )
            case MemoryError():
                return RunError(
                    "Run {run_id} ran out of memory. Its last checkpoint is kept. Choose a smaller batch, fewer or "
                    "narrower experts, or a smaller embedding, and train again.",
                    run_id=self._run_id,
                )
            case _:
                return RunError(
                    "Run {run_id} ended with an error that is a mistake of this program, not yours. "
                    "It is written down in {file}; please report it.",
                    run_id=self._run_id,
                    file=f"runs/{self._run_id}/log.txt",
                )

    def _train(self) -> None:
        if not self._controls.wait_for_slot():
            raise _Stopped
        dataset = self._dataset()
        from ..training import Checkpoint, Finished, Savepoint  # torch: loaded when it is this run's turn

        check_tasks(self._config, dataset.schema)
        check_processes(self._config)
        check_memory(self._config.model, self._config.train, dataset.schema, available_bytes(), num_here=self._num_here)
        self._store.set_shape(
            self._run_id, dataset.schema, num_steps(self._config.train, dataset.manifest.rows["train"])
        )
        if self._store.is_stop_wanted(self._run_id) and self._resume_from is None:
            raise _Stopped
        state = None if self._resume_from is None else files.read_checkpoint(self._folder, self._resume_from)
        self._is_training = True
        for event in self._events(dataset, state):
            match event:
                case Checkpoint():
                    self._keep(event)
                case Savepoint():
                    self._save(event)
                case Finished():
                    self._end(event, dataset)
                    return
                case record:
                    self._waiting.append(record)
                    if time.monotonic() - self._flushed_at >= _FLUSH_S:
                        self._flush()
            del event  # a checkpoint's copy of the state goes before the next one is made
        raise RuntimeError("the trainer ended without a last word")

    def _dataset(self) -> Dataset:
        if self._prepare is not None:
            return self._prepare(self._config.data)
        from ..data import prepare

        return prepare(self._config.data, home=self._store.folder.parent)

    def _events(self, dataset: Dataset, state: TrainingState | None) -> Iterator[Event]:
        if self._fit is not None:
            yield from self._fit(self._config, dataset, controls=self._controls, resume_from=state)
            return
        from ..training import fit

        with assembled(self._config, dataset, self._store.folder.parent) as ranks:
            yield from fit(self._config, dataset, controls=self._controls, resume_from=state, ranks=ranks)

    def _keep(self, event: Checkpoint) -> None:
        """State first, word second: an epoch that anyone has seen is never lost."""
        epoch = event.record.epoch
        files.write_gates(self._folder, epoch, event.probe_gates_BRE)
        files.write_checkpoint(self._folder, epoch, event.state)
        self._flush([event.record], durable=True)
        files.prune(self._folder, epoch, event.record.best_epoch)
        files.prune_savepoints(self._folder)

    def _save(self, event: Savepoint) -> None:
        name = files.savepoint(event.record.step)
        files.write_checkpoint(self._folder, name, event.state)
        self._flush([event.record], durable=True)
        files.prune_savepoints(self._folder, name)

    def _end(self, event: Finished, dataset: Dataset) -> None:
        files.write_gates(self._folder, files.BEST, event.probe_gates_BRE)
        files.write_predictions(self._folder, dataset.schema, dataset.split("test"), event.scores_NT)
        files.write_checkpoint(self._folder, files.FINAL, event.state)
        with self._store.transaction(durable=True):
            self._flush([event.record])
            self._store.set_state(self._run_id, "stopped" if event.record.reason == "stopped" else "finished")

    def _fail(self, error: LabError) -> None:
        with self._store.transaction(durable=True):
            self._flush()
            self._store.set_state(self._run_id, "failed", error=error)

    def _flush(self, more: Sequence[Record] = (), *, durable: bool = False) -> None:
        self._store.append(self._run_id, [*self._waiting, *more], durable=durable)
        self._waiting.clear()
        self._flushed_at = time.monotonic()

    def _rewind(self) -> tuple[int | str | None, int]:
        """Go back to the last state that is both said and safe: (what its checkpoint is called or None, its step)."""
        said = [
            (seq, record)
            for seq, body in self._store.bodies(self._run_id, ["epoch", "savepoint"])
            if isinstance(record := record_from_json(body), EpochRecord | SavepointRecord)
        ]
        epochs = [record for _, record in said if isinstance(record, EpochRecord)]
        for seq, record in reversed(said):
            is_inside = isinstance(record, SavepointRecord)
            name = files.savepoint(record.step) if is_inside else record.epoch
            if files.has_checkpoint(self._folder, name):
                last = next(epoch for epoch in reversed(epochs) if epoch.step <= record.step)
                self._store.drop_after(self._run_id, seq)
                files.prune(self._folder, last.epoch, last.best_epoch)
                files.prune_savepoints(self._folder, name)
                return name, record.step
        self._store.drop_after(self._run_id, 0)
        return None, -1

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C stop the run properly; only a program's main thread may listen."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._controls.stop()
        if not self._is_training:
            raise _Stopped


def _lock(store: Store, row: RunRow) -> Lock:
    path: Path = store.lock_file(row.run_id)
    handed_down = os.environ.pop(LOCK_VARIABLE, "")
    lock = adopt_lock(int(handed_down), path) if handed_down.isdigit() else take_lock(path, wait_s=_LOCK_WAIT_S)
    if lock is None:
        raise RunError("Run {run_id} already has a process: it is {state}.", run_id=row.run_id, state=row.state)
    return lock
