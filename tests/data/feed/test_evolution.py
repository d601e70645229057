"""Metric gaming, over seeds: the effect, its absence without bait, and what a mix of behaviours does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from mmoe_core.config import SimulatedFeed
from mmoe_core.data.feed import BEHAVIOURS, LIKES_ONLY, MIX, Evolution, Rule, draw_feed, evolve
from mmoe_core.data.feed.behaviours import Behaviours

SEEDS = range(10)
SINGLE = {name: Rule({name: 1.0}) for name in BEHAVIOURS}
RULES = {**{f"{name} only": rule for name, rule in SINGLE.items()}, "mix": MIX}


@cache
def evolution(rule: str, bait: float, seed: int) -> Evolution:
    return evolve(draw_feed(SimulatedFeed(bait=bait, seed=seed)), RULES[rule], rounds=8, num_users=200, seed=seed)


def interval(values: list[float]) -> tuple[float, float]:
    """99 % for the mean over seeds, by Student."""
    half = stats.t.ppf(0.995, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(np.mean(values) - half), float(np.mean(values) + half)


def over_seeds(rule: str, trait: str, *, bait: float = 1.0) -> list[float]:
    """What the last round has more than the first."""
    evolutions = [evolution(rule, bait, seed) for seed in SEEDS]
    return [getattr(found.rounds[-1], trait) - getattr(found.rounds[0], trait) for found in evolutions]


def advantage(rule: str, other: str, *, bait: float = 1.0) -> list[float]:
    """Satisfaction in the last round under one rule, less that under another; the same worlds, shelves and trials."""
    return [
        evolution(rule, bait, seed).rounds[-1].satisfaction - evolution(other, bait, seed).rounds[-1].satisfaction
        for seed in SEEDS
    ]


def test_ranking_by_likes_alone_raises_likes_and_bait_and_lowers_value_and_satisfaction() -> None:
    likes = [
        evolution("like only", 1.0, seed).rounds[-1].rates["like"]
        - evolution("like only", 1.0, seed).rounds[0].rates["like"]
        for seed in SEEDS
    ]
    assert interval(likes)[0] > 0
    assert interval(over_seeds("like only", "bait"))[0] > 0
    assert interval(over_seeds("like only", "value"))[1] < 0
    assert interval(over_seeds("like only", "satisfaction"))[1] < 0


def test_a_mix_of_behaviours_lowers_bait_and_raises_satisfaction() -> None:
    assert interval(over_seeds("mix", "bait"))[1] < 0
    assert interval(over_seeds("mix", "satisfaction"))[0] > 0


@pytest.mark.parametrize("single", BEHAVIOURS)
def test_the_mix_serves_people_better_than_any_behaviour_alone(single: str) -> None:
    assert interval(advantage("mix", f"{single} only"))[0] > 0


def test_the_mix_shows_more_different_items_than_likes_alone_before_creators_adapt() -> None:
    gained = [
        evolution("mix", 1.0, seed).rounds[0].diversity - evolution("like only", 1.0, seed).rounds[0].diversity
        for seed in SEEDS
    ]
    assert interval(gained)[0] > 0


def test_without_bait_likes_alone_do_no_harm() -> None:
    with_bait, without = np.mean(advantage("mix", "like only")), np.mean(advantage("mix", "like only", bait=0.0))
    assert abs(without) < 0.05 * with_bait
    assert interval(advantage("mix", "like only", bait=0.0))[1] < 0.05 * with_bait
    low, high = interval(over_seeds("like only", "satisfaction", bait=0.0))
    assert -0.05 < low < high < 0.05
    assert interval(over_seeds("like only", "value", bait=0.0)) == (0.0, 0.0)


def test_creators_who_do_not_adapt_change_nothing_but_their_trials() -> None:
    feed = draw_feed(SimulatedFeed())
    found = evolve(feed, LIKES_ONLY, rounds=5, pace=0.0, num_users=50)
    assert abs(found.rounds[-1].bait - found.rounds[0].bait) < 0.05


def test_rules_are_compared_on_equal_shelves_and_the_feed_given_stays_as_it_was() -> None:
    feed = draw_feed(SimulatedFeed())
    level_I = feed.world.bait_level_I.copy()
    one, again = (evolve(feed, MIX, rounds=2, num_users=50, seed=7) for _ in range(2))
    assert one.rounds == again.rounds
    np.testing.assert_array_equal(feed.world.bait_level_I, level_I)
    scaled = evolve(
        feed, Rule({name: 5 * weight for name, weight in MIX.weights.items()}), rounds=2, num_users=50, seed=7
    )
    assert scaled.rounds == one.rounds  # only the order counts
    assert (one.feed.world.bait_level_I != level_I).any()


def test_bait_stays_within_its_bounds() -> None:
    level_I = evolution("like only", 1.0, 0).feed.world.bait_level_I
    assert 0 <= level_I.min() <= level_I.max() <= 3


def test_scores_are_sums_or_products_of_weighted_probabilities() -> None:
    behaviours = Behaviours(
        satisfaction_N=np.zeros(2),
        probability_N={"click": np.array([0.5, 0.2]), "like": np.array([0.1, 0.2])},
        dwell_mean_N=np.zeros(2),
    )
    np.testing.assert_allclose(Rule({"click": 1.0, "like": 10.0}).scores(behaviours), [1.5, 2.2])
    product = Rule({"click": 1.0, "like": 2.0}, fusion="product").scores(behaviours)
    np.testing.assert_allclose(np.exp(product), [0.5 * 0.01, 0.2 * 0.04])
