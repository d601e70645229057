"""A simulated log in Ali-CCP's columns.

Eight ids and one value carry what the mechanisms use (101, 122, 127, 205, 206, 210, 216, 301, D508). The other fields
are functions of these, as a shop is of its item: uninformative ids of their own would only drown the signal.

Shape suffixes in this file:
    N impressions   U users   I items   C categories
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from ...config import FIRST_KNOWN, SimulatedAliCcp
from ..ali_ccp_schema import ID_NAMES, VALUE_NAMES, ali_ccp_schema
from ..encoding import MISSING_CODE, fit_ids, fit_scaling, scaled
from ..manifest import SplitName
from ..writing import SEGMENT, TRUTH, DatasetWriter
from .log import Log, simulate

__all__ = ["write_classroom"]

_SHARES: tuple[tuple[SplitName, float, float], ...] = (("train", 0, 0.8), ("validation", 0.8, 0.9), ("test", 0.9, 1.0))


def write_classroom(config: SimulatedAliCcp, folder: Path) -> None:
    """Simulate a log and write it as a dataset. Rows are independent draws, so the splits are cut in their order."""
    log = simulate(config)
    num_train = round(0.8 * config.num_rows)
    codes = _id_codes(log)
    values = _values(log)

    local: dict[str, np.ndarray] = {}
    vocabularies: dict[str, np.ndarray] = {}
    for name in ID_NAMES:
        local[name], seen = fit_ids(codes[name], num_train)
        vocabularies[name] = _labels(name, seen, log)
    scaling = {name: fit_scaling(values[name], num_train) for name in VALUE_NAMES}

    schema = ali_ccp_schema(
        {name: FIRST_KNOWN + len(labels) for name, labels in vocabularies.items()}, is_simulated=True
    )
    columns: dict[str, np.ndarray] = {
        **local,
        **{name: scaled(values[name], scaling[name]) for name in VALUE_NAMES},
        "click": log.click_N.astype(np.uint8),
        "purchase": log.purchase_N.astype(np.uint8),
        TRUTH + "click": log.click_probability_N,
        TRUTH + "purchase": log.click_probability_N * log.purchase_probability_N,
        SEGMENT: log.segment_N.astype(np.int8),
    }
    table = pa.table(columns)
    with DatasetWriter(folder, schema, vocabularies) as writer:
        for split, low, high in _SHARES:
            start, stop = round(low * config.num_rows), round(high * config.num_rows)
            writer.append(split, table.slice(start, stop - start))
        writer.finish(
            "Simulated in Ali-CCP's schema, at raised rates; no row is real.",
            config=config,
            segments=[segment.name for segment in log.profile.segments],
            scaling=scaling,
        )


def _id_codes(log: Log) -> dict[str, np.ndarray]:
    """Each id field as small non-negative integers, -1 = missing."""
    world, shown, bands = log.world, log.shown, log.profile.num_bands
    category_N = world.category_I[shown.item_N]
    count_N = world.history_UC[shown.user_N, category_N]
    price_band_I, bait_band_I = _bands(world.price_I, bands), _bands(world.bait_I, bands)
    shop_I = world.category_I * bands + price_band_I

    budget_band_U = _bands(world.budget_U, bands)
    taste_U = _bands(np.arctan2(world.taste_UK[:, 1], world.taste_UK[:, 0]), 7)
    favourite_U = world.history_UC.argmax(axis=1)
    of_user_U = {
        "101": np.arange(log.profile.num_users),
        "121": world.segment_U * 7 + taste_U,
        "122": world.segment_U,
        "124": (world.taste_UK[:, 0] > 0).astype(np.int64),
        "125": taste_U,
        "126": budget_band_U * 3 // bands,
        "127": budget_band_U,
        "128": (budget_band_U == 0).astype(np.int64),
        "129": budget_band_U * 4 // bands,
        "109_14": favourite_U,
        "110_14": favourite_U * bands + budget_band_U,
        "127_14": budget_band_U,
        "150_14": taste_U,
    }
    of_item_I = {
        "205": np.arange(log.profile.num_items),
        "206": world.category_I,
        "207": shop_I,
        "210": bait_band_I,
        "216": price_band_I,
    }
    visited_N = count_N > 0
    return {
        **{name: of_U[shown.user_N] for name, of_U in of_user_U.items()},
        **{name: of_I[shown.item_N] for name, of_I in of_item_I.items()},
        "301": shown.position_N,
        "508": np.where(visited_N, category_N, MISSING_CODE),
        "509": np.where(count_N > 4, shop_I[shown.item_N], MISSING_CODE),
        "702": np.where(count_N > 4, price_band_I[shown.item_N], MISSING_CODE),
        "853": np.where(count_N > 2, bait_band_I[shown.item_N], MISSING_CODE),
    }


def _values(log: Log) -> dict[str, np.ndarray]:
    """ln(1 + count) of the user's history: in all, and at this item's category, shop, brand and intention."""
    world, shown = log.world, log.shown
    count_N = world.history_UC[shown.user_N, world.category_I[shown.item_N]]
    total_U = world.history_UC.sum(axis=1)
    visited_U = (world.history_UC > 0).sum(axis=1)
    most_U = world.history_UC.max(axis=1)
    return {
        "D109_14": np.log1p(total_U)[shown.user_N],
        "D110_14": np.log1p(visited_U)[shown.user_N],
        "D127_14": np.log1p(most_U)[shown.user_N],
        "D150_14": np.log1p(total_U / np.maximum(visited_U, 1))[shown.user_N],
        "D508": np.log1p(count_N),
        "D509": np.log1p(count_N * (count_N > 4) // 4),
        "D702": np.log1p(count_N * (count_N > 4) // 2),
        "D853": np.log1p(count_N * (count_N > 2)),
    }


def _bands(values: np.ndarray, num_bands: int) -> np.ndarray:
    """Equally filled bands, 0 the lowest."""
    rank = values.argsort().argsort()
    return rank * num_bands // len(values)


def _labels(name: str, codes: np.ndarray, log: Log) -> np.ndarray:
    if name == "122":
        return np.array([log.profile.segments[code].name for code in codes], dtype=object)
    return np.char.mod("%d", codes + 1).astype(object)
