"""Who is there: users with tastes, budgets and histories, items with categories, prices and baits.

Shape suffixes in this file:
    U users   I items   C categories   K taste dimensions
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .profiles import Profile

__all__ = ["World", "draw_world"]

_TASTE_DIMENSIONS = 2
_POPULARITY_EXPONENT = 0.6  # item at rank r is shown in proportion to (r + offset)^-exponent
_POPULARITY_OFFSET = 20
_MEAN_HISTORY = 4.0  # earlier visits of a user to a category, geometric


@dataclass(frozen=True)
class World:
    """What stays the same from one impression to the next."""

    segment_U: NDArray[np.int64]
    taste_UK: NDArray[np.float64]
    budget_U: NDArray[np.float64]
    history_UC: NDArray[np.int64]  # visits, counted
    category_I: NDArray[np.int64]
    price_I: NDArray[np.float64]
    bait_I: NDArray[np.float64]
    exposure_I: NDArray[np.float64]  # probability to be shown
    appeal_CK: NDArray[np.float64]


def draw_world(profile: Profile, rng: np.random.Generator) -> World:
    """Draw users, items and categories, all independent of each other."""
    angle_C = np.linspace(0, 2 * np.pi, profile.num_categories, endpoint=False)
    rank_I = rng.permutation(profile.num_items)
    exposure_I = (rank_I + _POPULARITY_OFFSET) ** -_POPULARITY_EXPONENT
    return World(
        segment_U=rng.integers(len(profile.segments), size=profile.num_users),
        taste_UK=rng.standard_normal((profile.num_users, _TASTE_DIMENSIONS)),
        budget_U=rng.standard_normal(profile.num_users),
        history_UC=rng.geometric(1 / (1 + _MEAN_HISTORY), (profile.num_users, profile.num_categories)) - 1,
        category_I=rng.integers(profile.num_categories, size=profile.num_items),
        price_I=rng.standard_normal(profile.num_items),
        bait_I=rng.standard_normal(profile.num_items),
        exposure_I=exposure_I / exposure_I.sum(),
        appeal_CK=np.stack([np.cos(angle_C), np.sin(angle_C)], axis=1),
    )
