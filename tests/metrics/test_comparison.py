"""Paired differences against DeLong's formula written out, and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from mmoe_core.metrics import auc_difference, auc_interval, mean_difference, rmse_difference
from tests.reference.paired_delong import auc_is_above

rows_of_two = st.lists(st.tuples(st.booleans(), st.integers(-3, 3), st.integers(-3, 3)), min_size=6, max_size=60)


def won(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Whether each positive beats each negative, ties half: (P, M)."""
    positive, negative = scores[labels], scores[~labels]
    return (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)


@given(rows=rows_of_two)
@settings(deadline=None)
def test_it_is_delong_over_all_pairs_ties_included(rows: list[tuple[bool, int, int]]) -> None:
    labels, one, other = map(np.array, zip(*rows, strict=True))
    found = auc_difference(labels, one, [other])
    if labels.all() or not labels.any():
        assert found is None
        return
    assert found is not None
    assert found.one == pytest.approx(roc_auc_score(labels, one))
    assert found.other == pytest.approx(roc_auc_score(labels, other))
    apart = won(labels, one) - won(labels, other)
    if min(apart.shape) == 1:
        assert (found.low, found.high, found.p) == (None, None, None)
        return
    variance = apart.mean(axis=1).var(ddof=1) / apart.shape[0] + apart.mean(axis=0).var(ddof=1) / apart.shape[1]
    if variance > 1e-12:
        assert (found.high - found.low) / 2 == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-6)
        assert (found.high + found.low) / 2 == pytest.approx(found.difference)
    elif abs(found.difference) > 1e-12:
        assert not found.is_distinguishable
    assert found.is_distinguishable == (found.low is not None and not found.low <= 0 <= found.high)


def test_its_p_is_twice_the_one_sided_one_of_the_reference() -> None:
    draw = np.random.default_rng(1)
    labels = draw.random(2000) < 0.2
    one, other = labels + draw.normal(size=(2, 2000)) * [[1.0], [1.2]]
    found = auc_difference(labels, one, [other])
    difference, p = auc_is_above(labels, one, other)
    assert found is not None
    assert found.difference == pytest.approx(difference)
    assert found.p == pytest.approx(2 * min(p, 1 - p))


def test_the_other_way_round_it_is_the_same_with_the_other_sign() -> None:
    draw = np.random.default_rng(2)
    labels = draw.random(300) < 0.3
    one, other = labels + draw.normal(size=(2, 300))
    there, back = auc_difference(labels, one, [other]), auc_difference(labels, other, [one])
    assert there is not None
    assert back is not None
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))
    assert (there.p, there.correlation) == (pytest.approx(back.p), pytest.approx(back.correlation))
    curved = auc_difference(labels, np.exp(one), [other / 3 - 2])
    assert (curved.low, curved.high) == (pytest.approx(there.low), pytest.approx(there.high))


def test_a_network_does_not_differ_from_itself_and_repeating_the_other_changes_nothing() -> None:
    draw = np.random.default_rng(3)
    labels = draw.random(300) < 0.3
    one, other = labels + draw.normal(size=(2, 300))
    same = auc_difference(labels, one, [one, one])
    assert (same.difference, same.low, same.high, same.is_distinguishable) == (0, 0, 0, False)
    once, twice = auc_difference(labels, one, [other]), auc_difference(labels, one, [other, other])
    assert (once.low, once.high) == (pytest.approx(twice.low), pytest.approx(twice.high))


def test_the_pairing_narrows_what_independent_intervals_would_leave_open() -> None:
    draw = np.random.default_rng(4)
    labels = draw.random(3000) < 0.2
    shared = labels + draw.normal(size=3000)
    one, other = shared + 0.1 * draw.normal(size=(2, 3000))
    found, alone = auc_difference(labels, one, [other]), auc_interval(labels, one)
    assert found.high - found.low < 0.3 * (alone.high - alone.low)
    assert 0.9 < found.correlation < 1


def test_perfect_against_worst_has_no_spread_to_judge_by() -> None:
    labels = np.repeat([False, True], 5)
    found = auc_difference(labels, np.arange(10), [-np.arange(10)])
    assert (found.one, found.other, found.low, found.p) == (1, 0, None, None)
    assert not found.is_distinguishable


def test_the_interval_to_the_mean_of_three_covers_the_true_difference_in_93_to_97_percent() -> None:
    draw = np.random.default_rng(5)
    labels = np.repeat([True, False], [80, 300])
    covered = 0
    for _ in range(1000):
        shared = draw.normal(size=labels.size)
        one = 1.2 * labels + shared + 0.5 * draw.normal(size=labels.size)  # the same law as the others: difference 0
        others = [1.2 * labels + shared + 0.5 * draw.normal(size=labels.size) for _ in range(3)]
        found = auc_difference(labels, one, others)
        covered += found.low <= 0 <= found.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_rmse_is_scikit_learns_and_its_interval_covers_in_93_to_97_percent() -> None:
    draw = np.random.default_rng(6)
    covered = 0
    for _ in range(1000):
        labels, shared = draw.normal(size=(2, 400))
        one, other = labels + shared + 0.5 * draw.normal(size=(2, 400))
        found = rmse_difference(labels, one, [other])
        covered += found.low <= 0 <= found.high
    assert 0.93 <= covered / 1000 <= 0.97
    assert found.one == pytest.approx(root_mean_squared_error(labels, one))
    assert found.other == pytest.approx(root_mean_squared_error(labels, other))
    assert found.correlation == pytest.approx(0.6, abs=0.25)


def test_rmse_of_too_little_is_undefined_and_of_the_same_no_difference() -> None:
    assert rmse_difference([1.0], [2.0], [[3.0]]) is None
    same = rmse_difference([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [[2.0, 2.0, 2.0]])
    assert (same.difference, same.low, same.high) == (0, 0, 0)
    exact = rmse_difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [[1.0, 2.0, 3.5]])
    assert exact.one == 0
    assert exact.difference < 0


def test_a_difference_of_means_is_the_paired_t_without_its_t() -> None:
    draw = np.random.default_rng(3)
    other = draw.exponential(size=4000)
    one = other + draw.normal(0.01, 0.2, size=4000)
    found, apart = mean_difference(one, [other]), one - other
    assert found is not None
    assert found.difference == pytest.approx(apart.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * apart.std(ddof=1) / 4000**0.5)
    assert mean_difference(one, [one]).p == 1
    assert mean_difference([1.0], [[2.0]]) is None
