"""What is shown: items with their category, shop, brand and intentions, and how often each comes up.

Shape suffixes in this file:
    N impressions   I items   H shops   K numbers of nodes
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from ..encoding import MISSING_CODE
from . import published
from .population import along_a_ruler

__all__ = ["POOL", "Goods", "draw_goods"]

POOL = 12  # intention nodes of one topic; an item has a run of them, round the ring
_MOST_NODES = 11
_GOLDEN = (5**0.5 - 1) / 2
_FEWEST = 1_200  # shops, brands: enough for histories of hundreds however small the log


@dataclass(frozen=True)
class Goods:
    """The catalogue. Items stand in the order of their popularity."""

    category_I: NDArray[np.int64]
    shop_I: NDArray[np.int64]
    brand_I: NDArray[np.int64]  # -1: none
    topic_I: NDArray[np.int64]
    first_node_I: NDArray[np.int64]  # place in the topic's ring
    num_nodes_I: NDArray[np.int64]
    num_categories: int
    num_shops: int
    num_brands: int
    num_topics: int


def draw_goods(num_rows: int, rng: np.random.Generator) -> tuple[Goods, NDArray[np.int64]]:
    """Draw the catalogue for a number of rows, and the item of each; (N,).

    Universe and offset of the law of popularity scale with the rows, so every ratio keeps.
    """
    scale = num_rows / published.ROWS
    num_items = max(100, round(published.ITEM_UNIVERSE * scale))
    up_to_I = np.cumsum((np.arange(1, num_items + 1) + published.ITEM_OFFSET * scale) ** -published.ITEM_EXPONENT)
    item_N = np.searchsorted(up_to_I, rng.random(num_rows) * up_to_I[-1]).clip(max=num_items - 1)
    num_categories = 600 + round(12_000 * min(scale, 1))
    num_shops = _FEWEST + round(1_200_000 * scale)
    num_brands = _FEWEST + round(400_000 * scale)
    num_topics = 300 + round(6_000 * scale)

    times_I = np.bincount(item_N, minlength=num_items)
    is_branded_I = along_a_ruler(times_I, (published.PRESENCE["216"],), rng) == 0
    chance = (published.INTENTIONS_PER_ITEM - 1) / (_MOST_NODES - 1)
    up_to_K = bdtr(np.arange(_MOST_NODES), _MOST_NODES - 1, chance)  # binomial; scipy.stats takes half a second to load
    even_I = (np.arange(num_items) * _GOLDEN + rng.random()) % 1  # neighbours in popularity fill (0, 1) evenly
    goods = Goods(
        category_I=_favouring(num_items, num_categories, 5.0, rng),
        shop_I=rng.integers(num_shops, size=num_items),
        brand_I=np.where(is_branded_I, _favouring(num_items, num_brands, 1.2, rng), MISSING_CODE),
        topic_I=_favouring(num_items, num_topics, 4.5, rng),
        first_node_I=rng.integers(POOL, size=num_items),
        num_nodes_I=1 + np.searchsorted(up_to_K, even_I),
        num_categories=num_categories,
        num_shops=num_shops,
        num_brands=num_brands,
        num_topics=num_topics,
    )
    return goods, np.asarray(item_N)


def _favouring(num_draws: int, num_codes: int, power: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Codes from 0 on, low ones more often: density of a uniform number to a power."""
    return np.asarray((num_codes * rng.random(num_draws) ** power).astype(np.int64))
