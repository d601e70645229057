"""How the learning rate goes over a run."""

from __future__ import annotations

import math

from ..config import TrainConfig

__all__ = ["rate_factor"]


def rate_factor(train: TrainConfig, step: int, num_steps: int) -> float:
    """What the learning rate is multiplied by at a step.

    Args:
        train: The schedule and the warm-up.
        step: From 1.
        num_steps: Of the whole run, if nothing ends it early.
    """
    warm = min(1.0, step / train.warmup_steps) if train.warmup_steps else 1.0
    after = max(0, step - 1 - train.warmup_steps)
    done = min(1.0, after / max(1, num_steps - train.warmup_steps))
    match train.schedule:
        case "constant":
            return warm
        case "linear":
            return warm * (1 - done)
        case "cosine":
            return warm * (1 + math.cos(math.pi * done)) / 2
