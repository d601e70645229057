"""How many processes train at once: one per core but one, oldest run first.

A slot is a kernel lock, so a killed run gives its slots back.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .lock import Lock, take_lock

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Slot", "num_slots"]


def num_slots() -> int:
    """Runs that may train at the same time; `MMOE_SLOTS` overrides."""
    chosen = os.environ.get("MMOE_SLOTS", "")
    return int(chosen) if chosen.isdigit() and int(chosen) > 0 else max(1, _cores() - 1)


class Slot:
    """One run's claim to a slot, or to one for each of its processes.

    Args:
        store: Where the queue is.
        run_id: The run that waits.
        count: Slots there are.
        num_processes: Of the run: it takes as many slots, or all there are.
    """

    def __init__(self, store: Store, run_id: str, count: int, num_processes: int = 1) -> None:
        self._store = store
        self._run_id = run_id
        self._count = count
        self._needed = min(num_processes, count)
        self._locks: list[Lock] = []

    def take(self) -> bool:
        """Whether the run has its slots now: all or none. A run that waits longer goes first."""
        if self._locks:
            return True
        if self._store.queue()[:1] in ([], [self._run_id]):
            folder = self._store.folder / "slots"
            folder.mkdir(exist_ok=True)
            for index in range(self._count):
                lock = take_lock(folder / f"slot-{index}")
                if lock is not None:
                    self._locks.append(lock)
                if len(self._locks) == self._needed:
                    return True
            self.release()
        return False

    def release(self) -> None:
        """Give the slots back."""
        for lock in self._locks:
            lock.release()
        self._locks.clear()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
