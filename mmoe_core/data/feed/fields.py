"""A feed's log as a dataset: what a recommender could know of user, item and place, and eight tasks.

Satisfaction and the true probabilities are written beside the rows, never among the fields.

Shape suffixes in this file:
    N impressions   U users   I items
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from ...config import FIRST_KNOWN, IdField, Schema, SimulatedFeed, TaskSpec, ValueField
from ..encoding import fit_ids, fit_scaling, scaled
from ..manifest import SplitName
from ..writing import SEGMENT, TRUTH, DatasetWriter
from .behaviours import BEHAVIOURS, DWELL
from .log import FeedLog, simulate_feed
from .people import GROUPS
from .world import FORMATS, FeedWorld

__all__ = ["FIELD_MEANINGS", "SATISFACTION", "VALUE_MEANINGS", "write_feed"]

SATISFACTION = "satisfaction"  # the latent column: `dataset.latent(split, SATISFACTION)`

FIELD_MEANINGS: Mapping[str, str] = {
    "user": "user id",
    "user_group": "how this user uses the feed",
    "age_band": "age",
    "user_topic": "topic nearest to the user's taste",
    "item": "item id",
    "creator": "creator id",
    "topic": "topic of the item",
    "format": "format of the item",
    "length_band": "length of the item, in sixths",
    "headline": "style of the headline, from plain to shouting",
    "position": "position in the feed",
}
VALUE_MEANINGS: Mapping[str, str] = {
    "length_s": "seconds that the item takes, ln(1 + s)",
    "age_days": "days since publication, ln(1 + d)",
    "followers": "followers of the creator, ln(1 + n)",
}

_SHARES: tuple[tuple[SplitName, float, float], ...] = (("train", 0, 0.8), ("validation", 0.8, 0.9), ("test", 0.9, 1.0))
_AGES = ("under 18", "18–24", "25–34", "35–44", "45–59", "60 and over")
_LENGTH_BANDS, _HEADLINES = 6, 8
_HEADLINE_NOISE = 0.4  # in bait levels: a headline tells much about the bait, not all


def write_feed(config: SimulatedFeed, folder: Path) -> None:
    """Simulate a log and write it as a dataset. Rows are independent draws, so the splits are cut in their order."""
    log = simulate_feed(config)
    num_train = round(0.8 * config.num_rows)
    codes, values = _id_codes(log), _values(log)
    local: dict[str, np.ndarray] = {}
    vocabularies: dict[str, np.ndarray] = {}
    for name in FIELD_MEANINGS:
        local[name], seen = fit_ids(codes[name], num_train)
        vocabularies[name] = _labels(name, seen)
    scaling = {name: fit_scaling(values[name], num_train, is_log=True) for name in VALUE_MEANINGS}

    table = pa.table(
        {
            **local,
            **{name: scaled(values[name], scaling[name]) for name in VALUE_MEANINGS},
            **_labels_and_truth(log),
            SEGMENT: log.feed.world.group_U[log.shown.user_N].astype(np.int8),
        }
    )
    with DatasetWriter(folder, _schema(vocabularies), vocabularies) as writer:
        for split, low, high in _SHARES:
            start, stop = round(low * config.num_rows), round(high * config.num_rows)
            writer.append(split, table.slice(start, stop - start))
        writer.finish(
            "A simulated content feed whose users' satisfaction is known; no row is real.",
            config=config,
            segments=[group.name for group in GROUPS],
            scaling=scaling,
        )


def _schema(vocabularies: Mapping[str, np.ndarray]) -> Schema:
    return Schema(
        id_fields=tuple(
            IdField(name=name, vocabulary_size=FIRST_KNOWN + len(vocabularies[name]), meaning=meaning)
            for name, meaning in FIELD_MEANINGS.items()
        ),
        value_fields=tuple(ValueField(name=name, meaning=meaning) for name, meaning in VALUE_MEANINGS.items()),
        tasks=(
            TaskSpec(name="click", label_space="ctr"),
            TaskSpec(name="long_view"),
            TaskSpec(name=DWELL, kind="regression", observed_if="click"),
            *(TaskSpec(name=name) for name in BEHAVIOURS if name not in {"click", "long_view"}),
        ),
        user_field="user",
        is_simulated=True,
    )


def _labels_and_truth(log: FeedLog) -> dict[str, object]:
    truth, is_unseen_N = log.behaviours, ~log.did_N["click"]
    return {
        **{name: did_N.astype(np.uint8) for name, did_N in log.did_N.items()},
        DWELL: pa.array(log.dwell_N.astype(np.float32), mask=is_unseen_N),
        **{TRUTH + name: of_N for name, of_N in truth.probability_N.items()},
        TRUTH + DWELL: truth.dwell_mean_N,
        TRUTH + SATISFACTION: truth.satisfaction_N,
    }


def _id_codes(log: FeedLog) -> dict[str, np.ndarray]:
    """Each id field as small non-negative integers."""
    world, shown = log.feed.world, log.shown
    headline_I = _bands(world.bait_level_I + _HEADLINE_NOISE * world.headline_noise_I, _HEADLINES)
    of_user_U = {
        "user": np.arange(world.num_users),
        "user_group": world.group_U,
        "age_band": world.age_band_U,
        "user_topic": (world.taste_UK @ world.topic_appeal_TK.T).argmax(axis=1),
    }
    of_item_I = {
        "item": np.arange(world.num_items),
        "creator": world.creator_I,
        "topic": world.topic_I,
        "format": world.format_I,
        "length_band": _bands(world.length_I, _LENGTH_BANDS),
        "headline": headline_I,
    }
    return {
        **{name: of_U[shown.user_N] for name, of_U in of_user_U.items()},
        **{name: of_I[shown.item_N] for name, of_I in of_item_I.items()},
        "position": shown.position_N,
    }


def _values(log: FeedLog) -> dict[str, np.ndarray]:
    """What can be counted of an item, in raw units."""
    world: FeedWorld = log.feed.world
    item_N = log.shown.item_N
    return {
        "length_s": np.exp(3.4 + 0.8 * world.length_I).round()[item_N],
        "age_days": world.age_I.round(1)[item_N],
        "followers": np.exp(6 + 1.2 * world.charisma_C).round()[world.creator_I][item_N],
    }


def _bands(values: np.ndarray, num_bands: int) -> np.ndarray:
    """Equally filled bands, 0 the lowest."""
    return np.asarray(values.argsort().argsort() * num_bands // len(values))


def _labels(name: str, codes: np.ndarray) -> np.ndarray:
    named = {"user_group": [group.name for group in GROUPS], "age_band": _AGES, "format": FORMATS}
    if name in named:
        return np.array([named[name][code] for code in codes], dtype=object)
    return np.char.mod("%d", codes + 1).astype(object)
