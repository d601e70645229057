"""What people want of a run, as its trainer meets it: changes to make, and a pause that is a call which takes long."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from ..records import Continue, Intent, Pause, SetLearningRate, SetTaskWeights, StepOnce, Stop
from .row import RunState
from .slots import Slot
from .store import Store

__all__ = ["Change", "StoreControls"]

_POLL_S = 0.02

Change = SetTaskWeights | SetLearningRate | Stop


class StoreControls:
    """`Controls` of one run, read from the store.

    Args:
        store: Where the intents are.
        run_id: The run.
        slot: Given back while the run is paused.
        before_waiting: Called before a pause begins, so that all that was said can be read meanwhile.
        replay: Changes of an earlier life of this run, each with the step that it was made before.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        slot: Slot,
        *,
        before_waiting: Callable[[], None],
        replay: list[tuple[int, Intent]],
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._slot = slot
        self._before_waiting = before_waiting
        self._replay = deque(replay)
        self._state: RunState = "queued"
        self._is_paused = False
        self._owed_steps = 0  # asked for one by one, while paused
        self._must_stop = False

    def stop(self) -> None:
        """Stop before the next step, whatever the store says; for a signal's handler."""
        self._must_stop = True

    def wait_for_slot(self) -> bool:
        """Wait until the run may begin; False if it was stopped instead."""
        while not self._has_slot():
            if self._must_stop or self._store.is_stop_wanted(self._run_id):
                return False
            time.sleep(_POLL_S)
        return True

    def take(self, step: int) -> list[Change]:
        """What takes effect in `step`; comes back when that step may run."""
        changes: list[Change] = []
        while self._replay and self._replay[0][0] <= step:
            _, intent = self._replay.popleft()
            if isinstance(intent, SetTaskWeights | SetLearningRate):
                changes.append(intent)
        while True:
            changes += self._heard(step)
            if self._must_stop:
                return [*changes, Stop()]
            may_step = self._owed_steps > 0 or not self._is_paused
            if may_step and self._has_slot():
                self._owed_steps = max(0, self._owed_steps - 1)
                return changes
            if not may_step:
                self._rest()
            time.sleep(_POLL_S)

    def has_news(self, step: int) -> bool:
        """Whether `take(step)` has something to say, or to wait for."""
        is_due = bool(self._replay) and self._replay[0][0] <= step
        return is_due or self._is_paused or self._must_stop or self._store.has_intents(self._run_id)

    def _heard(self, step: int) -> list[Change]:
        changes: list[Change] = []
        for intent in self._store.take_intents(self._run_id, step):
            match intent:
                case Pause():
                    self._is_paused, self._owed_steps = True, 0
                case Continue():
                    self._is_paused, self._owed_steps = False, 0
                case StepOnce():
                    self._is_paused, self._owed_steps = True, self._owed_steps + 1
                case Stop():
                    self._must_stop = True
                case SetTaskWeights() | SetLearningRate():
                    changes.append(intent)
        return changes

    def _has_slot(self) -> bool:
        if self._slot.take():
            self._say("running")
            return True
        self._say("queued")
        return False

    def _rest(self) -> None:
        if self._state != "paused":
            self._before_waiting()
            self._slot.release()
            self._say("paused")

    def _say(self, state: RunState) -> None:
        if state != self._state:
            self._store.set_state(self._run_id, state)
            self._state = state
