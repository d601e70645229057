"""GAUC against scikit-learn's AUC of each user, one user at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from mmoe_core.metrics import auc, grouped_auc

tied_rows = st.lists(st.tuples(st.booleans(), st.integers(-2, 2), st.integers(-1, 4)), max_size=80)


@given(rows=tied_rows)
@settings(deadline=None)
def test_it_is_the_mean_of_the_users_aucs_weighted_by_their_rows(rows: list[tuple[bool, int, int]]) -> None:
    labels, scores, users = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    total, weights, count = 0.0, 0, 0
    for user in set(users) - {-1}:
        own = users == user
        if 0 < labels[own].sum() < own.sum():
            total += own.sum() * roc_auc_score(labels[own], scores[own])
            weights, count = weights + int(own.sum()), count + 1
    found = grouped_auc(labels, scores, users)
    assert (found.users, found.rows) == (count, weights)
    assert found.auc == (pytest.approx(total / weights) if count else None)
    if found.auc is not None:
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.auc <= found.high <= 1
        assert found.low < found.high


def test_one_user_with_all_rows_has_the_pooled_auc_and_no_interval() -> None:
    draw = np.random.default_rng(1)
    labels, scores = draw.random(300) < 0.3, draw.normal(size=300)
    found = grouped_auc(labels, scores, np.zeros(300, dtype=int))
    assert found.auc == pytest.approx(auc(labels, scores))
    assert (found.low, found.high) == (0, 1)


def test_a_score_that_only_tells_users_apart_orders_nobody_s_rows() -> None:
    draw = np.random.default_rng(2)
    users = np.repeat(np.arange(200), 20)
    rates = np.linspace(0.05, 0.9, 200)[users]
    labels = draw.random(len(users)) < rates
    assert (auc(labels, rates) or 0) > 0.75
    assert grouped_auc(labels, rates, users).auc == 0.5


@pytest.mark.parametrize("labels", [[], [0, 0, 0], [1, 1, 1]])
def test_without_a_user_of_both_classes_it_is_undefined(labels: list[int]) -> None:
    found = grouped_auc(labels, np.arange(len(labels)), np.zeros(len(labels), dtype=int))
    assert (found.auc, found.low, found.high, found.users, found.rows) == (None, None, None, 0, 0)


def test_unknown_users_are_not_one_person() -> None:
    assert grouped_auc([0, 1], [0.1, 0.9], [-1, -1]).auc is None
    assert grouped_auc([0, 1], [0.1, np.nan], [0, 0]).auc is None


def test_the_interval_covers_the_mean_over_all_users_in_93_to_97_percent_of_1000_samples() -> None:
    """Each user's AUC is drawn as a shift of the positives' normal scores; 150 of a million such users are asked."""
    draw = np.random.default_rng(3)
    labels = np.tile(np.repeat([True, False], [5, 15]), 150)
    users = np.repeat(np.arange(150), 20)
    shifts = draw.normal(1.0, 0.7, size=(1000, 150))
    found = [
        grouped_auc(labels, draw.normal(size=labels.size) + labels * np.repeat(shift_U, 20), users)
        for shift_U in shifts
    ]
    everybody = np.mean([one.auc for one in found])
    covered = np.mean([(one.low or 0) <= everybody <= (one.high or 0) for one in found])
    assert 0.93 <= covered <= 0.97
