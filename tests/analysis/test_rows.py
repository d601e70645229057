"""Rows in the order in which a run is wrong or sure about them."""

from __future__ import annotations

import numpy as np

from mmoe_core.analysis import over_all_rows, rows_in_order

LABELS = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
OBSERVED = np.array([True, True, False, True, True])
SCORES = over_all_rows(OBSERVED, np.array([0.2, 0.9, 0.7, 0.1]))


def test_scores_stand_at_their_rows_and_nowhere_else() -> None:
    np.testing.assert_array_equal(SCORES, [0.2, 0.9, np.nan, 0.7, 0.1])


def test_the_most_wrong_row_has_the_largest_loss() -> None:
    rows = rows_in_order(LABELS, SCORES, "wrong")
    assert rows.tolist() == [1, 0, 3, 4]
    losses = -np.log(np.where(LABELS == 1, SCORES, 1 - SCORES))[rows]
    assert (np.diff(losses) <= 0).all()


def test_the_surest_rows_come_first_and_unobserved_ones_never() -> None:
    assert rows_in_order(LABELS, SCORES, "highest").tolist() == [1, 3, 0, 4]
    assert rows_in_order(LABELS, SCORES, "lowest").tolist() == [4, 0, 3, 1]


def test_equals_stay_in_the_order_of_the_split() -> None:
    assert rows_in_order(np.zeros(4), np.full(4, 0.5), "wrong").tolist() == [0, 1, 2, 3]
