"""How well scores order each user's own rows: GAUC (Zhu et al., KDD 2017; Zhou et al., KDD 2018).

A pooled AUC also counts that some users click more than others; what a user is shown first depends only on the order
within the user. Only users with both classes have an order to judge.

Shape suffixes in this file:
    N rows   G groups of one user's equal scores, by user, then ascending   U users   J users with both classes
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .ranking import logit_interval

__all__ = ["GroupedAuc", "grouped_auc"]

_TAIL = 0.025


@dataclass(frozen=True)
class GroupedAuc:
    """A mean of the users' AUCs, each weighted by the user's rows.

    Attributes:
        auc: `None` where no user has both classes.
        low: 95 % interval over users, as if each were drawn independently; likewise `high`.
        users: Users with both classes.
        rows: Their rows.
    """

    auc: float | None
    low: float | None
    high: float | None
    users: int
    rows: int


def grouped_auc(labels: ArrayLike, scores: ArrayLike, users: ArrayLike) -> GroupedAuc:
    """GAUC over the users that are known and have both classes.

    Args:
        labels: 0 or 1, shape (N,).
        scores: Any increasing function of the probability, shape (N,).
        users: Whose row it is, integers, shape (N,); below 0: nobody knows.
    """
    users_N, scores_N = np.asarray(users), np.asarray(scores)
    known_N = users_N >= 0
    users_N, scores_N, positive_N = users_N[known_N], scores_N[known_N], np.asarray(labels)[known_N] > 0.5
    if users_N.size == 0 or np.isnan(scores_N.max()):
        return GroupedAuc(None, None, None, 0, 0)
    order_N = np.lexsort((scores_N, users_N))
    users_N, scores_N, positive_N = users_N[order_N], scores_N[order_N], positive_N[order_N]

    is_new_user_N = np.concatenate(([True], users_N[1:] != users_N[:-1]))
    is_new_group_N = is_new_user_N | np.concatenate(([True], scores_N[1:] != scores_N[:-1]))
    first_rows_G = np.flatnonzero(is_new_group_N)
    positive_G = np.add.reduceat(positive_N, first_rows_G, dtype=np.float64)
    negative_G = np.add.reduceat(~positive_N, first_rows_G, dtype=np.float64)

    first_groups_U = np.flatnonzero(is_new_user_N[first_rows_G])
    positives_U = np.add.reduceat(positive_G, first_groups_U)
    negatives_U = np.add.reduceat(negative_G, first_groups_U)
    before_user_U = np.cumsum(negatives_U) - negatives_U
    groups_U = np.diff(np.append(first_groups_U, len(positive_G)))
    below_G = np.cumsum(negative_G) - negative_G / 2 - np.repeat(before_user_U, groups_U)  # of the same user
    ordered_U = np.add.reduceat(positive_G * below_G, first_groups_U)

    has_both_U = (positives_U > 0) & (negatives_U > 0)
    auc_J = ordered_U[has_both_U] / (positives_U[has_both_U] * negatives_U[has_both_U])
    return _weighted(auc_J, (positives_U + negatives_U)[has_both_U])


def _weighted(auc_J: NDArray[np.float64], rows_J: NDArray[np.float64]) -> GroupedAuc:
    users, rows = len(auc_J), float(rows_J.sum())
    if users == 0:
        return GroupedAuc(None, None, None, 0, 0)
    mean = float(rows_J @ auc_J) / rows
    low, high = _interval(mean, auc_J, rows_J / rows)
    return GroupedAuc(mean, low, high, users, int(rows))


def _interval(mean: float, auc_J: NDArray[np.float64], weights_J: NDArray[np.float64]) -> tuple[float, float]:
    """As `ranking.auc_interval`, with users where that has rows: one says nothing, and no spread is never certainty."""
    users = len(auc_J)
    if users == 1:
        return 0.0, 1.0
    if mean <= 0 or mean >= 1:
        bound = _TAIL ** (1 / users)
        return (bound, 1.0) if mean >= 1 else (0.0, 1 - bound)
    variance = float(weights_J**2 @ (auc_J - mean) ** 2) * users / (users - 1)
    largest_variance = mean * (1 - mean) * float(weights_J @ weights_J)  # of values from 0 to 1 (Bhatia, Davis)
    return logit_interval(mean, math.sqrt(variance or largest_variance))
