"""A difference between groups of seeds is Welch's, and the seeds that it would take are those that see it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from mmoe_core.analysis import group_difference
from mmoe_core.metrics import seeds_to_see


def test_the_interval_is_welch_s() -> None:
    draw = np.random.default_rng(1)
    one, other = draw.normal(0.7, 0.02, 5), draw.normal(0.69, 0.01, 7)
    found = group_difference(one, other)
    expected = ttest_ind(one, other, equal_var=False).confidence_interval()
    assert found.difference == pytest.approx(one.mean() - other.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_one_training_has_no_spread_and_no_verdict() -> None:
    found = group_difference([0.7], [0.6, 0.61])
    assert (found.low, found.high, found.seeds_needed) == (None, None, None)
    assert not found.is_distinguishable


def test_seeds_are_asked_for_only_where_the_difference_is_not_told_from_none() -> None:
    assert group_difference([0.70, 0.71, 0.70], [0.60, 0.61, 0.60]).seeds_needed is None
    found = group_difference([0.70, 0.72, 0.74], [0.69, 0.73, 0.72])
    assert not found.is_distinguishable
    assert found.seeds_needed is not None
    assert found.seeds_needed > 3
    assert group_difference([0.7, 0.8], [0.7, 0.8]).seeds_needed is None
    assert group_difference([0.7, 0.7], [0.7, 0.7]).low is None


@pytest.mark.parametrize("effect", [0.6, 1.0, 2.0])
def test_as_many_seeds_see_the_difference_in_about_80_of_100_studies(effect: float) -> None:
    seeds = seeds_to_see(effect, 1.0)
    draw = np.random.default_rng(7)
    one, other = draw.normal(effect, 1, (seeds, 20_000)), draw.normal(0, 1, (seeds, 20_000))
    seen = float(np.mean(ttest_ind(one, other, axis=0).pvalue < 0.05))
    assert 0.78 < seen < 0.88  # a whole seed more or less moves it that far where they are few


def test_no_difference_is_never_seen_and_a_huge_one_takes_two_seeds() -> None:
    assert seeds_to_see(0.0, 1.0) is None
    assert seeds_to_see(-100.0, 1.0) == 2
    assert seeds_to_see(-0.5, 1.0) == seeds_to_see(0.5, 1.0)
