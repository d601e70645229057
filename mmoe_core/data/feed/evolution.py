"""Metric gaming: creators make more of what the ranking shows.

Each round the feed ranks a random shelf of items for some users and shows the best few. Creators look at what is shown:
if it baits more than what is made, they bait more, each at their own pace and with some trial of their own. Nobody
means harm, and nobody knows the rule. Since bait takes effort from value, both change.

Shape suffixes in this file:
    U users asked   S items on a shelf   P places that are shown   I items   N = U x S
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .behaviours import BEHAVIOURS, Behaviour, Behaviours, Feed, Impressions
from .world import NUM_POSITIONS

__all__ = ["LIKES_ONLY", "MIX", "Evolution", "Round", "Rule", "evolve", "in_units_of_rates"]

_TOP = 0  # the place for which candidates are compared: the same for all
_NUM_SHOWN = NUM_POSITIONS
_TRIAL = 0.03  # standard deviation of a creator's own trial per round, in bait levels


@dataclass(frozen=True)
class Rule:
    """How a feed ranks: sum_k w_k P(action_k), or the product of P(action_k)^w_k; an absent weight is 0."""

    weights: Mapping[Behaviour, float]
    fusion: Literal["sum", "product"] = "sum"

    def scores(self, behaviours: Behaviours) -> NDArray[np.float64]:
        """Higher is shown first, (N,)."""
        scores_N = np.zeros(len(behaviours.satisfaction_N))
        for name, weight in self.weights.items():
            of_N = behaviours.probability_N[name]
            scores_N += weight * (np.log(of_N) if self.fusion == "product" else of_N)
        return scores_N


def in_units_of_rates(weights: Mapping[Behaviour, float]) -> dict[Behaviour, float]:
    """Each weight over its behaviour's rate: without that the most frequent one decides alone."""
    return {name: weight / BEHAVIOURS[name] for name, weight in weights.items()}


LIKES_ONLY = Rule({"like": 1.0})
MIX = Rule(in_units_of_rates({"long_view": 2, "favourite": 1, "share": 1, "follow": 1, "like": 0.25}))
"""Many projections, and the one that bait moves most counts least."""


@dataclass(frozen=True)
class Round:
    """What was shown in one round.

    Attributes:
        satisfaction: Mean over what was shown.
        rates: Mean probability of each behaviour over what was shown.
        bait: Mean bait level of all items when the round began.
        value: Their mean value.
        diversity: Effective number of items shown, exp(entropy of their shares), over all items.
    """

    satisfaction: float
    rates: Mapping[Behaviour, float]
    bait: float
    value: float
    diversity: float


@dataclass(frozen=True)
class Evolution:
    """A feed under one rule, round by round, and the feed that it became."""

    rule: Rule
    rounds: tuple[Round, ...]
    feed: Feed


def evolve(
    feed: Feed,
    rule: Rule,
    *,
    rounds: int = 10,
    pace: float = 0.6,
    num_users: int = 400,
    shelf: int = 100,
    seed: int = 0,
) -> Evolution:
    """Let creators adapt to a ranking rule. Equal seeds ask equal users about equal shelves, whatever the rule.

    Args:
        feed: Where it starts; it is not changed.
        rule: How items are ranked, by the true probabilities: the effect needs no bad model.
        rounds: How many are shown; creators adapt between them.
        pace: How far an average creator moves per round towards what is shown; 0 = nobody adapts.
        num_users: Asked per round.
        shelf: Candidates per user, the places shown included.
        seed: Of users, shelves and trials.
    """
    rng = np.random.default_rng(seed)
    world = feed.world
    pace_C = pace * rng.uniform(0.5, 1.5, len(world.charisma_C))
    history = []
    for _ in range(rounds):
        candidates = Impressions(
            user_N=np.repeat(rng.integers(world.num_users, size=num_users), shelf),
            item_N=rng.integers(world.num_items, size=num_users * shelf),
            position_N=np.full(num_users * shelf, _TOP),
        )
        trial_C = _TRIAL * rng.standard_normal(len(pace_C))
        behaviours = feed.behave(candidates)
        scores_US = rule.scores(behaviours).reshape(num_users, shelf)
        shown_US = np.argpartition(-scores_US, _NUM_SHOWN, axis=1)[:, :_NUM_SHOWN]
        shown_N = (shown_US + shelf * np.arange(num_users)[:, None]).ravel()
        items_N = candidates.item_N[shown_N]
        history.append(_seen(feed, behaviours, shown_N, items_N))

        level_I = feed.world.bait_level_I
        gap = level_I[items_N].mean() - level_I[candidates.item_N].mean()
        feed = feed.with_bait_level(level_I + (pace_C * gap + trial_C)[world.creator_I])
    return Evolution(rule, tuple(history), feed)


def _seen(feed: Feed, behaviours: Behaviours, shown_N: NDArray[np.int64], items_N: NDArray[np.int64]) -> Round:
    share_I = np.bincount(items_N, minlength=feed.world.num_items) / len(items_N)
    share_I = share_I[share_I > 0]
    return Round(
        satisfaction=float(behaviours.satisfaction_N[shown_N].mean()),
        rates={name: float(of_N[shown_N].mean()) for name, of_N in behaviours.probability_N.items()},
        bait=float(feed.world.bait_level_I.mean()),
        value=float(feed.world.value.mean()),
        diversity=float(np.exp(-(share_I * np.log(share_I)).sum()) / feed.world.num_items),
    )
