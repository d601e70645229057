"""Pairs see what separate means do not; what is not there is not seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mmoe_core.studies import paired_difference


def test_the_interval_is_student_s() -> None:
    difference_N = np.random.default_rng(1).normal(0.3, 1, 20)
    found = paired_difference(difference_N, level=0.9)
    expected = stats.ttest_1samp(difference_N, 0).confidence_interval(0.9)
    assert found.mean == pytest.approx(difference_N.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_check_is_near_the_interval_and_the_same_each_time() -> None:
    difference_N = np.random.default_rng(2).normal(0.3, 1, 200)
    found = paired_difference(difference_N)
    assert found.check_low == pytest.approx(found.low, abs=0.03)
    assert found.check_high == pytest.approx(found.high, abs=0.03)
    assert found == paired_difference(difference_N)


def test_pairs_see_what_separate_means_do_not() -> None:
    draw = np.random.default_rng(3)
    difficulty_N = draw.normal(0, 1, 30)
    a_N, b_N = difficulty_N + 0.1 + 0.05 * draw.normal(size=30), difficulty_N + 0.05 * draw.normal(size=30)
    assert paired_difference(a_N - b_N).low > 0
    assert stats.ttest_ind(a_N, b_N).pvalue > 0.5


def test_95_of_100_intervals_hold_the_truth() -> None:
    draw = np.random.default_rng(4)
    held = [
        found.low <= 0 <= found.high
        for _ in range(300)
        for found in [paired_difference(draw.normal(size=8), level=0.95)]
    ]
    assert 0.91 <= np.mean(held) <= 0.99


def test_one_pair_has_a_mean_and_no_interval() -> None:
    found = paired_difference([0.5])
    assert (found.mean, found.low, found.high, found.check_low) == (0.5, None, None, None)


def test_equal_differences_are_known_exactly() -> None:
    found = paired_difference([0.25, 0.25, 0.25])
    assert (found.low, found.high) == (0.25, 0.25)
    assert math.isclose(found.check_low, 0.25)
