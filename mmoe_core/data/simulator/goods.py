"""What is shown: items with their category, shop, brand and intentions, and how often each comes up.

Shape suffixes in this file:
    N impressions   I items   H shops
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..encoding import MISSING_CODE
from . import published

__all__ = ["POOL", "Goods", "draw_goods", "draw_items"]

POOL = 12  # intention nodes of one topic; an item has a run of them, round the ring
_MOST_NODES = 11
_FEWEST = 1_200  # shops, brands: enough for histories of hundreds however small the log


@dataclass(frozen=True)
class Goods:
    """The catalogue. Items stand in the order of their popularity."""

    cumulated_I: NDArray[np.float64]  # probability to be shown, summed up
    category_I: NDArray[np.int64]
    shop_I: NDArray[np.int64]
    brand_I: NDArray[np.int64]  # -1: none
    topic_I: NDArray[np.int64]
    first_node_I: NDArray[np.int64]  # place in the topic's ring
    num_nodes_I: NDArray[np.int64]
    price_I: NDArray[np.float64]
    bait_I: NDArray[np.float64]
    num_categories: int
    num_shops: int
    num_brands: int
    num_topics: int


def draw_goods(num_rows: int, rng: np.random.Generator) -> Goods:
    """Draw the catalogue for a number of rows: universe and offset scale with it, so every ratio keeps."""
    scale = num_rows / published.ROWS
    num_items = max(100, round(published.ITEM_UNIVERSE * scale))
    rate_I = (np.arange(1, num_items + 1) + published.ITEM_OFFSET * scale) ** -published.ITEM_EXPONENT
    num_categories = 600 + round(12_000 * min(scale, 1))
    num_shops = _FEWEST + round(1_200_000 * scale)
    num_brands = _FEWEST + round(400_000 * scale)
    num_topics = 300 + round(6_000 * scale)

    category_I = _favouring(num_items, num_categories, 5.0, rng)
    shop_I = rng.integers(num_shops, size=num_items)
    brand_I = _favouring(num_items, num_brands, 1.2, rng)
    # Every run of four neighbours in popularity is branded by the published share, so the share of rows is exact too.
    phase_I = (np.arange(num_items) * published.PRESENCE["216"] + rng.random()) % 1
    brand_I[phase_I >= published.PRESENCE["216"]] = MISSING_CODE
    mean = published.INTENTIONS_PER_ITEM
    num_nodes_I = 1 + rng.binomial(_MOST_NODES - 1, (mean - 1) / (_MOST_NODES - 1), num_items)
    return Goods(
        cumulated_I=np.cumsum(rate_I) / rate_I.sum(),
        category_I=category_I,
        shop_I=shop_I,
        brand_I=brand_I,
        topic_I=_favouring(num_items, num_topics, 4.5, rng),
        first_node_I=rng.integers(POOL, size=num_items),
        num_nodes_I=num_nodes_I,
        price_I=rng.standard_normal(num_items),
        bait_I=rng.standard_normal(num_items),
        num_categories=num_categories,
        num_shops=num_shops,
        num_brands=num_brands,
        num_topics=num_topics,
    )


def draw_items(goods: Goods, num_rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The item of each row, independent draws."""
    return np.asarray(np.searchsorted(goods.cumulated_I, rng.random(num_rows)).clip(max=len(goods.cumulated_I) - 1))


def _favouring(num_draws: int, num_codes: int, power: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Codes from 0 on, low ones more often: density of a uniform number to a power."""
    return np.asarray((num_codes * rng.random(num_draws) ** power).astype(np.int64))
