"""Hand-made races: losses that say what they were told to say."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

KINDS = ("shared_bottom", "one_gate", "mmoe")
CORRELATIONS = (0.5, 0.9, 1.0)


def losses(
    effects: Mapping[tuple[str, float], float], *, num_seeds: int = 30, noise: float = 0.002, seed: int = 0
) -> pd.DataFrame:
    """Per seed one difficulty that all share (large), a little noise of each one's own, and the planted effects.

    Args:
        effects: (architecture, correlation) → added to its loss; absent = 0.
        num_seeds: Rows.
        noise: Standard deviation of what is each training's own.
        seed: Of the draw.
    """
    draw = np.random.default_rng(seed)
    difficulty_N = 0.05 + 0.2 * draw.random(num_seeds)
    columns = pd.MultiIndex.from_product([KINDS, CORRELATIONS])
    return pd.DataFrame(
        {pair: difficulty_N + effects.get(pair, 0.0) + noise * draw.normal(size=num_seeds) for pair in columns},
        columns=columns,
    )
