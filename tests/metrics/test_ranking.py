"""AUC against scikit-learn, its interval against simulation, the expected AUC against redrawn labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from mmoe_core.metrics import auc, auc_interval, average_precision, average_precision_interval, expected_auc


@given(
    rows=st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=60),
)
@settings(deadline=None)
def test_auc_equals_scikit_learns_on_tied_scores(rows: list[tuple[bool, int]]) -> None:
    labels, scores = map(np.array, zip(*rows, strict=True))
    if labels.all() or not labels.any():
        assert auc(labels, scores) is None
    else:
        assert auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1), num_rows=st.integers(2, 500))
@settings(deadline=None)
def test_auc_equals_scikit_learns_on_random_scores(seed: int, num_rows: int) -> None:
    draw = np.random.default_rng(seed)
    labels = draw.random(num_rows) < 0.3
    labels[:2] = True, False
    scores = draw.normal(size=num_rows).astype(np.float32)
    assert auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


@pytest.mark.parametrize("labels", [[], [0, 0, 0], [1, 1]])
def test_auc_of_one_class_is_undefined(labels: list[int]) -> None:
    assert auc(labels, np.zeros(len(labels))) is None
    interval = auc_interval(labels, np.zeros(len(labels)))
    assert (interval.auc, interval.low, interval.high) == (None, None, None)
    assert interval.positives == sum(labels)


def test_auc_of_scores_that_are_no_numbers_is_undefined() -> None:
    assert auc([0, 1, 1], [0.1, np.nan, 0.3]) is None


@pytest.mark.parametrize("labels", [[1, 0, 0, 0], [1, 1, 1, 0]])
def test_one_positive_or_one_negative_gives_the_interval_0_to_1(labels: list[int]) -> None:
    interval = auc_interval(labels, [0.9, 0.1, 0.2, 0.3])
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_an_interval_of_perfect_scores_narrows_with_the_smaller_class_and_never_to_a_point() -> None:
    few = auc_interval([0] * 50 + [1] * 2, np.arange(52))
    many = auc_interval([0] * 50 + [1] * 50, np.arange(100))
    assert few.auc == many.auc == 1.0
    assert few.low is not None
    assert many.low is not None
    assert 0 < few.low < 0.2
    assert 0.9 < many.low < 1
    worst = auc_interval([1] * 2 + [0] * 50, np.arange(52))
    assert (worst.low, worst.high) == (0.0, pytest.approx(1 - few.low))


def test_delong_variance_equals_its_definition() -> None:
    """Sums over all pairs, as in the paper, against the grouped form."""
    draw = np.random.default_rng(5)
    labels, scores = draw.random(80) < 0.4, draw.integers(0, 12, size=80)
    positive, negative = scores[labels], scores[~labels]
    won = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = won.mean(axis=1).var(ddof=1) / len(positive) + won.mean(axis=0).var(ddof=1) / len(negative)
    area = won.mean()
    half_width = 1.959964 * np.sqrt(variance) / (area * (1 - area))
    found = auc_interval(labels, scores)
    assert found.low == pytest.approx(1 / (1 + np.exp(half_width) * (1 - area) / area), rel=1e-6)
    assert found.high == pytest.approx(1 / (1 + np.exp(-half_width) * (1 - area) / area), rel=1e-6)


@pytest.mark.parametrize(("true_auc", "shift"), [(0.6, 0.358287), (0.75, 0.953873), (0.9, 1.812388)])
@pytest.mark.parametrize("positives", [50, 150])
def test_the_interval_covers_the_true_auc_in_93_to_97_percent_of_2000_simulations(
    true_auc: float, shift: float, positives: int
) -> None:
    """Scores are N(shift, 1) and N(0, 1), so the true AUC is the normal distribution's value at shift / sqrt(2)."""
    draw = np.random.default_rng([2022, positives, int(100 * true_auc)])
    labels = np.repeat([True, False], [positives, 300])
    covered = 0
    for scores in draw.normal(size=(2000, labels.size)) + shift * labels:
        found = auc_interval(labels, scores)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true_auc <= found.high
    assert 0.93 <= covered / 2000 <= 0.97


def test_expected_auc_is_the_mean_over_redrawn_labels() -> None:
    draw = np.random.default_rng(3)
    truth = draw.uniform(0.05, 0.9, size=300)
    scores = truth + draw.normal(scale=0.3, size=300)
    drawn = [auc(draw.random(300) < truth, scores) for _ in range(2000)]
    mean, error = np.mean(drawn), np.std(drawn) / np.sqrt(2000)
    assert expected_auc(truth, scores) == pytest.approx(mean, abs=4 * error)


def test_no_scores_beat_the_true_probabilities() -> None:
    draw = np.random.default_rng(4)
    truth = draw.uniform(0.05, 0.9, size=500)
    best = expected_auc(truth, truth)
    assert best is not None
    for noise in (0.01, 0.1, 1.0):
        found = expected_auc(truth, truth + draw.normal(scale=noise, size=500))
        assert found is not None
        assert found < best


def test_certain_probabilities_make_the_expected_auc_the_plain_one() -> None:
    labels, scores = np.array([0, 1, 0, 1, 1]), np.array([0.1, 0.4, 0.5, 0.5, 0.9])
    assert expected_auc(labels, scores) == auc(labels, scores)


def test_scores_that_are_all_alike_have_a_wide_interval_around_one_half() -> None:
    found = auc_interval([1] * 20 + [0] * 2000, [0.0] * 2020)
    assert found.auc == 0.5
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.4
    assert found.high > 0.6


@given(rows=st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=60))
@settings(deadline=None)
def test_average_precision_equals_scikit_learns_on_tied_scores(rows: list[tuple[bool, int]]) -> None:
    labels, scores = map(np.array, zip(*rows, strict=True))
    found = average_precision(labels, scores)
    if labels.all() or not labels.any():
        assert found is None
    else:
        assert found == pytest.approx(average_precision_score(labels, scores), abs=1e-12)
        low, high = average_precision_interval(found, int(labels.sum()))
        assert 0 <= low <= found <= high <= 1
        assert low < high


def test_average_precision_of_nothing_and_of_no_numbers_is_undefined() -> None:
    assert average_precision([], []) is None
    assert average_precision([0, 1], [0.1, np.nan]) is None


def test_one_positive_says_nothing_of_the_spread_of_an_average_precision() -> None:
    assert average_precision_interval(0.5, 1) == (0, 1)
    assert average_precision_interval(1.0, 50) == (0, 1)
