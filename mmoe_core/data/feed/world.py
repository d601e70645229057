"""Who is there: users with tastes, creators with followers, items with quality, bait and all that people react to.

An item's making is a share of effort: what goes into bait is missing from its value.

    value = quality - EFFORT bait,   bait = dial * bait level

Shape suffixes in this file:
    U users   C creators   I items   K taste dimensions   T topics
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...config import SimulatedFeed
from .people import GROUPS

__all__ = ["FORMATS", "MAX_BAIT_LEVEL", "NUM_POSITIONS", "FeedWorld", "draw_world"]

MAX_BAIT_LEVEL = 3.0
NUM_POSITIONS = 12
FORMATS = ("video", "pictures", "text", "live")

_NUM_USERS, _NUM_CREATORS, _NUM_ITEMS, _NUM_TOPICS = 4_000, 500, 6_000, 24
_TASTE_DIMENSIONS = 4
_EFFORT = 0.5  # value that a unit of bait takes away
_MEAN_BAIT_LEVEL = 0.8
_POPULARITY_EXPONENT, _POPULARITY_OFFSET = 0.6, 20  # rank r is shown in proportion to (r + offset)^-exponent


@dataclass(frozen=True)
class FeedWorld:
    """What stays the same from one impression to the next. Traits without a unit have variance about 1."""

    bait_dial: float
    group_U: NDArray[np.int64]
    age_band_U: NDArray[np.int64]
    taste_UK: NDArray[np.float64]  # of length sqrt(K)
    creator_topic_C: NDArray[np.int64]
    charisma_C: NDArray[np.float64]
    topic_appeal_TK: NDArray[np.float64]  # of length 1
    creator_I: NDArray[np.int64]
    topic_I: NDArray[np.int64]
    appeal_IK: NDArray[np.float64]  # of length 1
    format_I: NDArray[np.int64]
    length_I: NDArray[np.float64]  # ln of the seconds it takes, standardised
    age_I: NDArray[np.float64]  # days since it was published
    quality_I: NDArray[np.float64]
    bait_level_I: NDArray[np.float64]  # 0 to MAX_BAIT_LEVEL; creators adapt it
    controversy_I: NDArray[np.float64]
    social_I: NDArray[np.float64]
    usefulness_I: NDArray[np.float64]
    warmth_I: NDArray[np.float64]
    headline_noise_I: NDArray[np.float64]
    exposure_I: NDArray[np.float64]  # probability to be shown in the log

    @property
    def bait(self) -> NDArray[np.float64]:
        """How hard each item asks for reactions, (I,); 0 everywhere when the dial is 0."""
        return self.bait_dial * self.bait_level_I

    @property
    def value(self) -> NDArray[np.float64]:
        """What each item is worth to those whose taste it meets, (I,)."""
        return self.quality_I - _EFFORT * self.bait

    @property
    def num_users(self) -> int:
        """U."""
        return len(self.group_U)

    @property
    def num_items(self) -> int:
        """I."""
        return len(self.creator_I)

    def with_bait_level(self, bait_level_I: NDArray[np.float64]) -> FeedWorld:
        """The same world after its creators changed how they make their items."""
        return replace(self, bait_level_I=np.clip(bait_level_I, 0, MAX_BAIT_LEVEL))


def draw_world(config: SimulatedFeed) -> FeedWorld:
    """Draw users, creators and items. Turning the bait dial alone keeps all of them."""
    rng = np.random.default_rng(np.random.SeedSequence(config.seed).spawn(1)[0])
    topic_appeal_TK = _unit(rng.standard_normal((_NUM_TOPICS, _TASTE_DIMENSIONS)))
    creator_topic_C = rng.integers(_NUM_TOPICS, size=_NUM_CREATORS)
    creator_I = rng.choice(_NUM_CREATORS, size=_NUM_ITEMS, p=_zipf(rng.permutation(_NUM_CREATORS)))
    strays_I = rng.random(_NUM_ITEMS) < 0.2
    topic_I = np.where(strays_I, rng.integers(_NUM_TOPICS, size=_NUM_ITEMS), creator_topic_C[creator_I])
    skill_C, manner_C = rng.standard_normal((2, _NUM_CREATORS))
    own_I = rng.standard_normal((8, _NUM_ITEMS))
    mood_I = np.abs(0.6 * manner_C[creator_I] + 0.8 * own_I[0])  # half normal: most items bait little, some a lot
    return FeedWorld(
        bait_dial=config.bait,
        group_U=rng.choice(len(GROUPS), size=_NUM_USERS, p=[group.share for group in GROUPS]),
        age_band_U=rng.integers(6, size=_NUM_USERS),
        taste_UK=np.sqrt(_TASTE_DIMENSIONS) * _unit(rng.standard_normal((_NUM_USERS, _TASTE_DIMENSIONS))),
        creator_topic_C=creator_topic_C,
        charisma_C=rng.standard_normal(_NUM_CREATORS),
        topic_appeal_TK=topic_appeal_TK,
        creator_I=creator_I,
        topic_I=topic_I,
        appeal_IK=_unit(topic_appeal_TK[topic_I] + 0.2 * rng.standard_normal((_NUM_ITEMS, _TASTE_DIMENSIONS))),
        format_I=rng.choice(len(FORMATS), size=_NUM_ITEMS, p=[0.5, 0.25, 0.2, 0.05]),
        length_I=own_I[1],
        age_I=rng.exponential(5.0, _NUM_ITEMS),
        quality_I=0.6 * skill_C[creator_I] + 0.8 * own_I[2],
        bait_level_I=np.minimum(_MEAN_BAIT_LEVEL * np.sqrt(np.pi / 2) * mood_I, MAX_BAIT_LEVEL),
        controversy_I=own_I[3],
        social_I=own_I[4],
        usefulness_I=own_I[5],
        warmth_I=own_I[6],
        headline_noise_I=own_I[7],
        exposure_I=_zipf(rng.permutation(_NUM_ITEMS)),
    )


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _zipf(rank: NDArray[np.int64]) -> NDArray[np.float64]:
    weights = (rank + _POPULARITY_OFFSET) ** -_POPULARITY_EXPONENT
    return np.asarray(weights / weights.sum())
