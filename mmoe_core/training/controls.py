"""What may change while a run trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..records import SetLearningRate, SetTaskWeights, Stop

__all__ = ["NO_CONTROLS", "Controls"]


class Controls(Protocol):
    """Asked before every step."""

    def take(self, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        """What people asked for since the last call; it takes effect in `step`. It may block: that is a pause."""

    def has_news(self, step: int) -> bool:
        """Whether `take(step)` would say something or block; where several processes train, so that few calls do."""


class _NoControls:
    def take(self, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        return ()

    def has_news(self, step: int) -> bool:
        return False


NO_CONTROLS: Controls = _NoControls()
