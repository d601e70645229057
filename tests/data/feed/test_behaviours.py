from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import ndtr

from mmoe_core.config import SimulatedFeed
from mmoe_core.data.feed import BEHAVIOURS, GROUPS, FeedLog, Impressions, check_feed, draw_feed, simulate_feed
from mmoe_core.data.feed.behaviours import DWELL_SPREAD

CONFIG = SimulatedFeed(num_rows=100_000, seed=3)


@pytest.fixture(scope="module")
def log() -> FeedLog:
    return simulate_feed(CONFIG)


@pytest.mark.parametrize("bait", [0.0, 1.0, 2.0])
def test_behaviours_have_their_rates_at_every_dial(bait: float) -> None:
    log = simulate_feed(SimulatedFeed(num_rows=100_000, bait=bait, seed=3))
    assert list(log.behaviours.probability_N) == list(BEHAVIOURS)
    for name, rate in BEHAVIOURS.items():
        assert log.behaviours.probability_N[name].mean() == pytest.approx(rate, rel=0.05)


@pytest.mark.parametrize(("bait", "seed", "num_rows"), [(0.0, 1, 20_000), (2.0, 2, 20_000), (1.0, 3, 2_000)])
def test_every_mark_of_the_check_holds(bait: float, seed: int, num_rows: int) -> None:
    marks = check_feed(SimulatedFeed(num_rows=num_rows, bait=bait, seed=seed))
    assert len(marks) == 29
    assert [mark for mark in marks if not mark.holds] == []


def test_what_is_drawn_follows_the_true_probabilities(log: FeedLog) -> None:
    for name, truth_N in log.behaviours.probability_N.items():
        assert ((truth_N > 0) & (truth_N < 1)).all()
        did_N = log.did_N[name]
        assert abs(did_N.sum() - truth_N.sum()) < 4 * np.sqrt((truth_N * (1 - truth_N)).sum())
        for rows in np.array_split(truth_N.argsort(), 5):
            spread = np.sqrt((truth_N[rows] * (1 - truth_N[rows])).sum())
            assert abs(did_N[rows].sum() - truth_N[rows].sum()) < 5 * spread


def test_nothing_happens_without_a_click(log: FeedLog) -> None:
    for did_N in log.did_N.values():
        assert not (did_N & ~log.did_N["click"]).any()
    np.testing.assert_array_equal(np.isnan(log.dwell_N), ~log.did_N["click"])


def test_a_long_view_is_thirty_seconds_of_dwell(log: FeedLog) -> None:
    np.testing.assert_array_equal(log.did_N["long_view"], log.dwell_N > 0)
    truth = log.behaviours
    after_click_N = truth.probability_N["long_view"] / truth.probability_N["click"]
    np.testing.assert_allclose(after_click_N, ndtr(truth.dwell_mean_N / DWELL_SPREAD), rtol=1e-9)
    error_N = (log.dwell_N - truth.dwell_mean_N)[log.did_N["click"]]
    assert error_N.std() == pytest.approx(DWELL_SPREAD, rel=0.02)


def test_every_behaviour_is_a_projection_of_its_own(log: FeedLog) -> None:
    logit_N = {name: np.log(of_N / (1 - of_N)) for name, of_N in log.behaviours.probability_N.items()}
    for one, other in combinations(BEHAVIOURS, 2):
        assert np.corrcoef(logit_N[one], logit_N[other])[0, 1] < 0.93, (one, other)
    for name in BEHAVIOURS:
        assert 0 < np.corrcoef(logit_N[name], log.behaviours.satisfaction_N)[0, 1] < 0.95, name


def test_bait_raises_likes_and_lowers_satisfaction_and_at_zero_does_neither() -> None:
    shown = Impressions(user_N=np.arange(500), item_N=np.arange(500), position_N=np.zeros(500, dtype=np.int64))
    for bait in (0.0, 1.0):
        feed = draw_feed(SimulatedFeed(bait=bait))
        louder = feed.with_bait_level(feed.world.bait_level_I + 0.5)
        before, after = feed.behave(shown), louder.behave(shown)
        could_N = louder.world.bait_level_I[:500] > feed.world.bait_level_I[:500]
        if bait == 0:
            np.testing.assert_array_equal(before.satisfaction_N, after.satisfaction_N)
            np.testing.assert_array_equal(before.probability_N["like"], after.probability_N["like"])
        else:
            assert (after.satisfaction_N < before.satisfaction_N)[could_N].all()
            assert (after.probability_N["like"] > before.probability_N["like"])[could_N].all()
            assert (after.probability_N["favourite"] < before.probability_N["favourite"])[could_N].mean() > 0.9


def test_turning_the_bait_dial_keeps_people_items_and_impressions() -> None:
    one, other = (simulate_feed(SimulatedFeed(num_rows=1_000, bait=bait)) for bait in (0.0, 2.0))
    np.testing.assert_array_equal(one.shown.user_N, other.shown.user_N)
    np.testing.assert_array_equal(one.shown.item_N, other.shown.item_N)
    np.testing.assert_array_equal(one.feed.world.taste_UK, other.feed.world.taste_UK)
    np.testing.assert_array_equal(one.feed.world.quality_I, other.feed.world.quality_I)
    assert not one.feed.world.bait.any()


def test_groups_differ_in_what_moves_them(log: FeedLog) -> None:
    assert sum(group.share for group in GROUPS) == pytest.approx(1)
    world, shown = log.feed.world, log.shown
    group_N = world.group_U[shown.user_N]
    rate = {
        (group.name, name): of_N[group_N == index].mean()
        for index, group in enumerate(GROUPS)
        for name, of_N in log.behaviours.probability_N.items()
    }
    for behaviour, group in (("comment", "debaters"), ("favourite", "collectors"), ("share", "fans")):
        assert max(GROUPS, key=lambda other: rate[other.name, behaviour]).name == group
