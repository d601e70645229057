"""What people do with what they are shown: each behaviour is another projection of the same satisfaction.

Nobody sees satisfaction. A click is a promise, made by taste and bait before anything was read; staying is attraction;
a like is a positive attitude, and what was asked for; a comment is a quarrel as often as praise; a favourite is lasting
use; a share is what one shows to others; a follow is interest in a person. After a click:

    P(action | click) = sigma(b + loadings . (satisfaction, bait * appetite, what else moves this action))
    ln(dwell / 30 s)  ~ N(mean, spread^2),   long view: dwell >= 30 s

Shape suffixes in this file:
    N impressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from ...config import SimulatedFeed
from .people import GROUPS
from .world import NUM_POSITIONS, FeedWorld, draw_world

__all__ = [
    "BEHAVIOURS",
    "DWELL",
    "DWELL_SPREAD",
    "LONG_VIEW_S",
    "Behaviour",
    "Behaviours",
    "Feed",
    "Impressions",
    "draw_feed",
    "draw_impressions",
]

Behaviour = Literal["click", "long_view", "like", "comment", "favourite", "share", "follow"]
Trait = Literal["bait", "controversy", "social", "usefulness", "charisma"]
Array = NDArray[np.float64]

DWELL = "dwell"
LONG_VIEW_S = 30.0

BEHAVIOURS: Mapping[Behaviour, float] = {  # share of impressions in a log; about, since intercepts are fitted once
    "click": 0.25,
    "long_view": 0.11,
    "like": 0.04,
    "comment": 0.012,
    "favourite": 0.02,
    "share": 0.012,
    "follow": 0.005,
}

_SATISFACTION = {"affinity": 0.7, "value": 0.7, "bait": -0.3}
_CLICK = {"affinity": 0.8, "bait": 0.6, "position": 0.6, "format": 0.4}
_DWELL = {"satisfaction": 0.55, "bait": -0.25, "length": 0.5}
DWELL_SPREAD = 0.8  # standard deviation of ln(dwell) around its mean
_ACTIONS: Mapping[Behaviour, Mapping[str, float]] = {  # after a click
    "like": {"satisfaction": 1.0, "bait": 1.8, "warmth": 0.6},
    "comment": {"satisfaction": 0.3, "bait": 0.9, "controversy": 1.0},
    "favourite": {"satisfaction": 1.0, "bait": -0.3, "usefulness": 1.1},
    "share": {"satisfaction": 0.8, "bait": 0.1, "social": 1.0},
    "follow": {"satisfaction": 0.8, "bait": -0.1, "charisma": 1.0},
}
_REFERENCE_ROWS = 20_000  # on which intercepts are fitted
_FORMAT_PULL = np.array([0.6, 0.0, -0.9, 0.6])  # of a user's first glance, by format


@dataclass(frozen=True)
class Impressions:
    """Who was shown what, and where (0 = top)."""

    user_N: NDArray[np.int64]
    item_N: NDArray[np.int64]
    position_N: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.user_N)


@dataclass(frozen=True)
class Behaviours:
    """What is true of each impression before anything is drawn.

    Attributes:
        satisfaction_N: How well the item serves the user, variance about 1 without bait.
        probability_N: Of each behaviour, over impressions (not over clicks).
        dwell_mean_N: Mean of ln(dwell / 30 s) after a click.
    """

    satisfaction_N: Array
    probability_N: Mapping[Behaviour, Array]
    dwell_mean_N: Array


@dataclass(frozen=True)
class Feed:
    """A world and the intercepts that give its behaviours their rates.

    The intercepts stay when the world changes: what creators do moves the rates.
    """

    world: FeedWorld
    intercepts: Mapping[str, float]

    def behave(self, shown: Impressions) -> Behaviours:
        """The satisfaction and the exact probability of every behaviour on each impression."""
        world, intercepts = self.world, self.intercepts
        traits = _traits(world, shown)
        click_N = expit(intercepts["click"] + _projection(_CLICK, traits))
        dwell_N = intercepts[DWELL] + _projection(_DWELL, traits)
        after_click: dict[Behaviour, Array] = {"long_view": ndtr(dwell_N / DWELL_SPREAD)}
        for name, loadings in _ACTIONS.items():
            after_click[name] = expit(intercepts[name] + _projection(loadings, traits))
        return Behaviours(
            satisfaction_N=traits["satisfaction"],
            probability_N={"click": click_N, **{name: click_N * of_N for name, of_N in after_click.items()}},
            dwell_mean_N=dwell_N,
        )

    def with_bait_level(self, bait_level_I: Array) -> Feed:
        """The same people after creators changed how they make their items."""
        return replace(self, world=self.world.with_bait_level(bait_level_I))


def draw_feed(config: SimulatedFeed) -> Feed:
    """Draw a world and fit its intercepts, so that at every dial each behaviour has about its rate of `BEHAVIOURS`."""
    world = draw_world(config)
    reference = draw_impressions(world, _REFERENCE_ROWS, np.random.default_rng([config.seed, _REFERENCE_ROWS]))
    traits = _traits(world, reference)
    utility_N, stay_N = _projection(_CLICK, traits), _projection(_DWELL, traits)
    intercepts = {"click": _intercept(utility_N, BEHAVIOURS["click"], np.ones(_REFERENCE_ROWS))}
    click_N = expit(intercepts["click"] + utility_N)
    intercepts[DWELL] = DWELL_SPREAD * _intercept(stay_N / DWELL_SPREAD, BEHAVIOURS["long_view"], click_N, curve=ndtr)
    for name, loadings in _ACTIONS.items():
        intercepts[name] = _intercept(_projection(loadings, traits), BEHAVIOURS[name], click_N)
    return Feed(world, intercepts)


def draw_impressions(world: FeedWorld, num_rows: int, rng: np.random.Generator) -> Impressions:
    """Who is shown what by a feed that does not rank yet: any user, items by popularity, any position."""
    return Impressions(
        user_N=rng.integers(world.num_users, size=num_rows),
        item_N=rng.choice(world.num_items, size=num_rows, p=world.exposure_I),
        position_N=rng.integers(NUM_POSITIONS, size=num_rows),
    )


def _traits(world: FeedWorld, shown: Impressions) -> dict[str, Array]:
    """All that moves people, per impression; what a group is more receptive to counts more."""
    user_N, item_N = shown.user_N, shown.item_N
    group_N = world.group_U[user_N]

    def felt(trait: Trait, of_item_I: Array) -> Array:
        appetite_G = np.array([getattr(group, trait) for group in GROUPS])
        return np.asarray(appetite_G[group_N] * of_item_I[item_N])

    traits: dict[str, Array] = {
        "affinity": np.einsum("nk,nk->n", world.taste_UK[user_N], world.appeal_IK[item_N]),
        "value": world.value[item_N],
        "bait": world.bait[item_N],
    }
    satisfaction_N = _projection(_SATISFACTION, traits)  # bait disappoints everybody alike, whoever falls for it
    return {
        **traits,
        "satisfaction": satisfaction_N,
        "bait": felt("bait", world.bait),
        "controversy": felt("controversy", world.controversy_I),
        "social": felt("social", world.social_I),
        "usefulness": felt("usefulness", world.usefulness_I),
        "charisma": felt("charisma", world.charisma_C[world.creator_I]),
        "warmth": world.warmth_I[item_N],
        "length": world.length_I[item_N],
        "format": _FORMAT_PULL[world.format_I[item_N]],
        "position": 1 - np.log1p(shown.position_N) / 1.5,
    }


def _projection(loadings: Mapping[str, float], traits: Mapping[str, Array]) -> Array:
    return np.asarray(sum(loading * traits[name] for name, loading in loadings.items()))


def _intercept(utility_N: Array, rate: float, weights_N: Array, curve: Callable[[Array], Array] = expit) -> float:
    """b such that the mean of weights * curve(b + utility) is `rate`."""
    return float(brentq(lambda b: (weights_N * curve(b + utility_N)).mean() - rate, -30, 30, xtol=1e-9))
