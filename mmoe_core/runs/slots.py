"""How many runs train at once: one per core but one, oldest first.

A slot is a kernel lock, so a killed run gives its slot back.
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
    """One run's claim to a slot.

    Args:
        store: Where the queue is.
        run_id: The run that waits.
        count: Slots there are.
    """

    def __init__(self, store: Store, run_id: str, count: int) -> None:
        self._store = store
        self._run_id = run_id
        self._count = count
        self._lock: Lock | None = None

    def take(self) -> bool:
        """Whether the run has a slot now. A run that waits longer goes first."""
        if self._lock is not None:
            return True
        if self._store.queue()[:1] in ([], [self._run_id]):
            folder = self._store.folder / "slots"
            folder.mkdir(exist_ok=True)
            for index in range(self._count):
                self._lock = take_lock(folder / f"slot-{index}")
                if self._lock is not None:
                    return True
        return False

    def release(self) -> None:
        """Give the slot back."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
