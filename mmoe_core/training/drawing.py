"""What a step draws from: not a stream, so that a resumed run draws the same."""

from __future__ import annotations

import numpy as np

__all__ = ["draw_seed"]


def draw_seed(seed: int, step: int, rank: int = 0) -> int:
    """A number for torch's generators, far from that of any other run, step or rank.

    Their lower 32 bits are all that torch's generator on the processor takes note of, so they depend on everything.
    """
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1)[0])
