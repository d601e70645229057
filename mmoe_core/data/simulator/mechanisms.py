"""Why people click and purchase: five mechanisms, each a number per impression.

Shape suffixes in this file:
    N impressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .profiles import Mechanism
from .world import World

__all__ = ["MECHANISMS", "Impressions", "standardised"]


@dataclass(frozen=True)
class Impressions:
    """Who was shown what, and where on the page."""

    user_N: NDArray[np.int64]
    item_N: NDArray[np.int64]
    position_N: NDArray[np.int64]  # from 0, the top

    def __len__(self) -> int:
        return len(self.user_N)


def affinity(world: World, shown: Impressions) -> NDArray[np.float64]:
    """How well the user's taste points at the item's category."""
    appeal_NK = world.appeal_CK[world.category_I[shown.item_N]]
    return np.asarray(np.einsum("nk,nk->n", world.taste_UK[shown.user_N], appeal_NK))


def price_match(world: World, shown: Impressions) -> NDArray[np.float64]:
    """How near the item's price is to the user's budget."""
    return -np.abs(world.price_I[shown.item_N] - world.budget_U[shown.user_N])


def bait(world: World, shown: Impressions) -> NDArray[np.float64]:
    """How loudly the item asks for attention."""
    return world.bait_I[shown.item_N]


def history(world: World, shown: Impressions) -> NDArray[np.float64]:
    """How often the user was in this category before, ln(1 + count)."""
    return np.log1p(world.history_UC[shown.user_N, world.category_I[shown.item_N]])


def position(world: World, shown: Impressions) -> NDArray[np.float64]:
    """How near the top of the page the item stands."""
    return -np.log1p(shown.position_N)


MECHANISMS: Mapping[Mechanism, Callable[[World, Impressions], NDArray[np.float64]]] = {
    "affinity": affinity,
    "price_match": price_match,
    "bait": bait,
    "history": history,
    "position": position,
}


def standardised(values_N: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shifted and scaled to mean 0 and variance 1."""
    return np.asarray((values_N - values_N.mean()) / values_N.std())
