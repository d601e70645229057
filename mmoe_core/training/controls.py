"""What may change while a run trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..records import SetLearningRate, SetTaskWeights, Stop

__all__ = ["NO_CONTROLS", "Controls"]


class Controls(Protocol):
    """Asked before every step. It may block: that is what a pause is."""

    def take(self, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        """What people asked for since the last call; it takes effect in `step`."""


class _NoControls:
    def take(self, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        return ()


NO_CONTROLS: Controls = _NoControls()
