"""How far a long piece of work is: which of its steps, and how much of that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import Field

from ..config import Frozen

__all__ = ["OnProgress", "OnShare", "Progress", "Steps"]


class Progress(Frozen):
    """One step of several, and the share of it that is done."""

    stage: str  # English; the key of its translation
    step: int = Field(ge=1)
    num_steps: int = Field(ge=1)
    share: float = Field(ge=0, le=1)


OnProgress = Callable[[Progress], None]
OnShare = Callable[[float], None]


class Steps:
    """Turns shares of the steps, one after the other, into progress.

    Args:
        stages: What the steps are called, in their order.
        on_progress: Told every share.
    """

    def __init__(self, stages: Sequence[str], on_progress: OnProgress | None) -> None:
        self._stages = stages
        self._on_progress = on_progress
        self._step = 0

    def next(self) -> OnShare:
        """Begin the next step."""
        self._step += 1
        stage, step = self._stages[self._step - 1], self._step

        def tell(share: float) -> None:
            if self._on_progress is not None:
                shown = min(max(float(share), 0.0), 1.0)
                self._on_progress(Progress(stage=stage, step=step, num_steps=len(self._stages), share=shown))

        return tell
