"""Calibration against rows counted one by one, and against scikit-learn where it bins alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from mmoe_core.metrics import calibration_bins, chance_calibration_error, expected_calibration_error
from mmoe_core.metrics.calibration import brier_score, normalised_entropy, wilson_interval

tied_rows = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=80)


def counted(labels: np.ndarray, given_N: np.ndarray, num_bins: int) -> list[tuple[int, int, float]]:
    """Bins by their definition: equal probabilities stay together, and go where their middle row goes."""
    bins: dict[int, list[int]] = {}
    for row, value in enumerate(given_N):
        below, equal = int(np.sum(given_N < value)), int(np.sum(given_N == value))
        place = int((below + equal / 2) * num_bins / len(given_N))
        bins.setdefault(place, []).append(row)
    return [(len(rows), int(labels[rows].sum()), float(np.mean(given_N[rows]))) for _, rows in sorted(bins.items())]


@given(rows=tied_rows, num_bins=st.integers(1, 12))
@settings(deadline=None)
def test_bins_are_those_that_are_counted_row_by_row_whatever_the_order(
    rows: list[tuple[bool, int]], num_bins: int
) -> None:
    labels, twentieths = map(np.array, zip(*rows, strict=True))
    probabilities = twentieths / 20
    found = calibration_bins(labels, probabilities, num_bins)
    expected = counted(labels, probabilities, num_bins)
    assert [(one.rows, one.positives) for one in found] == [(rows, positives) for rows, positives, _ in expected]
    assert [one.predicted for one in found] == pytest.approx([mean for *_, mean in expected])
    assert calibration_bins(labels[::-1], probabilities[::-1], num_bins) == found
    error = sum(rows * abs(mean - positives / rows) for rows, positives, mean in expected) / len(labels)
    assert expected_calibration_error(found) == pytest.approx(error)
    assert expected_calibration_error(found) <= 1


@pytest.mark.parametrize("num_bins", [1, 5, 10])
def test_without_ties_the_bins_are_scikit_learns_quantiles(num_bins: int) -> None:
    draw = np.random.default_rng(1)
    probabilities = draw.beta(1, 6, size=400)
    labels = draw.random(400) < probabilities
    observed, predicted = calibration_curve(labels, probabilities, n_bins=num_bins, strategy="quantile")
    found = calibration_bins(labels, probabilities, num_bins)
    assert [one.rows for one in found] == [400 // num_bins] * num_bins
    assert [one.observed for one in found] == pytest.approx(observed)
    assert [one.predicted for one in found] == pytest.approx(predicted)


def test_equal_probabilities_are_one_bin_and_no_rows_are_none() -> None:
    (only,) = calibration_bins([1, 0, 0, 0], [0.3] * 4)
    assert (only.rows, only.observed, only.predicted) == (4, 0.25, pytest.approx(0.3))
    assert calibration_bins([], []) == ()
    assert expected_calibration_error(()) is None
    assert chance_calibration_error(()) is None
    assert calibration_bins([0, 1], [0.1, math.nan]) == ()


@given(rows=st.integers(1, 2000), share=st.floats(0, 1))
def test_the_interval_of_a_share_is_scipys_wilson_interval_and_never_empty(rows: int, share: float) -> None:
    positives = round(share * rows)
    low, high = wilson_interval(positives, rows)
    expected = binomtest(positives, rows).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(expected.low, abs=1e-12), pytest.approx(expected.high, abs=1e-12))
    assert 0 <= low <= positives / rows <= high <= 1
    assert low < high


def test_right_probabilities_show_the_error_of_chance_and_wrong_ones_more() -> None:
    draw = np.random.default_rng(2)
    truth = draw.beta(2, 8, size=5000)
    drawn = [
        expected_calibration_error(calibration_bins(draw.random(5000) < truth, truth)) or math.nan for _ in range(300)
    ]
    by_chance = chance_calibration_error(calibration_bins(draw.random(5000) < truth, truth))
    assert np.mean(drawn) == pytest.approx(by_chance, rel=0.05)
    wrong = calibration_bins(draw.random(5000) < truth, np.sqrt(truth))
    assert (expected_calibration_error(wrong) or 0) > 5 * (by_chance or 0)


@given(rows=st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50))
def test_the_brier_score_is_scikit_learns(rows: list[tuple[bool, float]]) -> None:
    labels, probabilities = map(np.array, zip(*rows, strict=True))
    expected = brier_score_loss(labels, probabilities, pos_label=1)
    assert brier_score(labels.astype(float), probabilities) == pytest.approx(expected)


def test_knowing_only_the_share_has_normalised_entropy_1() -> None:
    loss = -(0.2 * math.log(0.2) + 0.8 * math.log(0.8))
    assert normalised_entropy(loss, 200, 1000) == pytest.approx(1.0)
    assert normalised_entropy(loss / 2, 200, 1000) == pytest.approx(0.5)
    assert normalised_entropy(loss, 0, 1000) is None
    assert normalised_entropy(loss, 1000, 1000) is None
    assert normalised_entropy(None, 200, 1000) is None
    assert brier_score(np.empty(0), np.empty(0)) is None
