"""How well scores order rows: the area under the ROC curve, its interval, and what it would be on average.

All of them come from one sort. Rows are grouped by score, so that ties need no special case: of a positive and a
negative in the same group, half a pair counts as ordered.

DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating characteristic
curves", Biometrics 1988. Interval of an average precision: Boyd, Eng, Page, "Area under the precision-recall curve:
point estimates and confidence intervals", ECML PKDD 2013.

Shape suffixes in this file:
    N rows   G groups of equal score, ascending
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AucInterval",
    "auc",
    "auc_interval",
    "average_precision",
    "average_precision_interval",
    "expected_auc",
    "logit_interval",
]

Floats = NDArray[np.float64]

_Z = 1.959963984540054  # 97.5 % point of the normal distribution
_TAIL = 0.025


@dataclass(frozen=True)
class AucInterval:
    """An AUC and its 95 % interval; all three are `None` where one class is absent."""

    auc: float | None
    low: float | None
    high: float | None
    positives: int
    negatives: int


def auc(labels: ArrayLike, scores: ArrayLike) -> float | None:
    """Share of (positive, negative) pairs that the scores order rightly, ties counting half.

    Args:
        labels: 0 or 1, shape (N,).
        scores: Any increasing function of the probability, shape (N,).

    Returns:
        The pooled AUC; `None` with one class only, or where a score is not a number.
    """
    positive_N = np.asarray(labels) > 0.5
    return _area(_by_score(scores, positive_N, ~positive_N))


def expected_auc(truth: ArrayLike, scores: ArrayLike) -> float | None:
    """The AUC that the scores would have on average over redrawn labels, free of label noise.

    Expected number of rightly ordered pairs over the expected number of pairs, each label drawn independently; a row
    makes no pair with itself. The true probabilities as scores give the best possible value, the oracle's.

    Args:
        truth: True probability of a positive, shape (N,).
        scores: As for `auc`.
    """
    truth_N = np.asarray(truth, dtype=np.float64)
    groups = _by_score(scores, truth_N, 1 - truth_N)
    with_itself = float(np.sum(truth_N * (1 - truth_N)))
    return _area(groups, with_itself)


def auc_interval(labels: ArrayLike, scores: ArrayLike) -> AucInterval:
    """AUC with its 95 % DeLong interval, built on the logit scale so that it stays within 0 and 1.

    One positive or one negative says nothing about the spread: the interval is then 0 to 1. Where every pair is
    ordered rightly (or none is), DeLong's variance is 0 whatever the sample; there the Clopper-Pearson bound with as
    many trials as the smaller class stands in. Where it is 0 because scores are tied, Hanley and McNeil's stands in.
    """
    positive_N = np.asarray(labels) > 0.5
    groups = _by_score(scores, positive_N, ~positive_N)
    area = _area(groups)
    positives = int(positive_N.sum())
    negatives = positive_N.size - positives
    if area is None:
        return AucInterval(None, None, None, positives, negatives)
    smaller = min(positives, negatives)
    if smaller == 1:
        return AucInterval(area, 0.0, 1.0, positives, negatives)
    if area in (0.0, 1.0):
        bound = _TAIL ** (1 / smaller)
        low, high = (bound, 1.0) if area == 1.0 else (0.0, 1 - bound)
        return AucInterval(area, low, high, positives, negatives)
    variance = _delong_variance(groups, area) or _hanley_mcneil_variance(area, positives, negatives)
    return AucInterval(area, *logit_interval(area, math.sqrt(variance)), positives, negatives)


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float | None:
    """Area under the precision-recall curve: mean over the positives of the precision where each is reached.

    A random order has the share of positives on average. Positives of equal score are reached together.

    Args:
        labels: As for `auc`.
        scores: As for `auc`.

    Returns:
        `None` with one class only, or where a score is not a number.
    """
    positive_N = np.asarray(labels) > 0.5
    groups = _by_score(scores, positive_N, ~positive_N)
    if groups is None or not 0 < positive_N.sum() < positive_N.size:
        return None
    positive_G, negative_G = groups.positive_G[::-1], groups.negative_G[::-1]
    reached_G = np.cumsum(positive_G)
    precision_G = reached_G / (reached_G + np.cumsum(negative_G))
    return float(positive_G @ precision_G) / float(reached_G[-1])


def average_precision_interval(precision: float, positives: int) -> tuple[float, float]:
    """95 % interval of an average precision, on the logit scale; 0 to 1 where it rests on one positive, or is 1.

    Args:
        precision: From `average_precision`.
        positives: On how many it rests.
    """
    if positives < 2 or not 0 < precision < 1:
        return 0.0, 1.0
    return logit_interval(precision, math.sqrt(precision * (1 - precision) / positives))


def logit_interval(share: float, standard_error: float) -> tuple[float, float]:
    """95 % interval of something between 0 and 1, both exclusive, that is symmetric on the logit scale."""
    half_width = _Z * standard_error / (share * (1 - share))
    centre = math.log(share / (1 - share))
    return _sigmoid(centre - half_width), _sigmoid(centre + half_width)


@dataclass(frozen=True)
class _Groups:
    """Weight of positives and negatives at each distinct score, ascending."""

    positive_G: Floats
    negative_G: Floats

    @property
    def negative_below(self) -> Floats:
        """Negatives that a positive of the group beats, its own group counting half."""
        return np.cumsum(self.negative_G) - self.negative_G / 2

    @property
    def positive_above(self) -> Floats:
        """Positives that beat a negative of the group, its own group counting half."""
        return float(self.positive_G.sum()) - np.cumsum(self.positive_G) + self.positive_G / 2


def _by_score(scores: ArrayLike, positive_N: NDArray[np.generic], negative_N: NDArray[np.generic]) -> _Groups | None:
    scores_N = np.asarray(scores)
    if scores_N.size == 0 or np.isnan(scores_N.max()):
        return None
    order_N = np.argsort(scores_N)
    sorted_N = scores_N[order_N]
    starts_G = np.flatnonzero(np.concatenate(([True], sorted_N[1:] != sorted_N[:-1])))
    return _Groups(
        np.add.reduceat(positive_N[order_N], starts_G, dtype=np.float64),
        np.add.reduceat(negative_N[order_N], starts_G, dtype=np.float64),
    )


def _area(groups: _Groups | None, with_itself: float = 0.0) -> float | None:
    if groups is None:
        return None
    pairs = float(groups.positive_G.sum() * groups.negative_G.sum()) - with_itself
    if pairs <= 0:
        return None
    ordered = float(groups.positive_G @ groups.negative_below) - with_itself / 2
    return ordered / pairs


def _delong_variance(groups: _Groups | None, area: float) -> float:
    """Variance of the AUC: spread of the pairs won per positive, and per negative."""
    assert groups is not None, "an area was found, so there are groups"
    positives, negatives = float(groups.positive_G.sum()), float(groups.negative_G.sum())
    won_by_positive_G = groups.negative_below / negatives
    won_over_negative_G = groups.positive_above / positives
    of_positives = float(groups.positive_G @ (won_by_positive_G - area) ** 2) / (positives - 1)
    of_negatives = float(groups.negative_G @ (won_over_negative_G - area) ** 2) / (negatives - 1)
    return of_positives / positives + of_negatives / negatives


def _hanley_mcneil_variance(area: float, positives: int, negatives: int) -> float:
    """Variance of an AUC from its value and the class sizes alone (Hanley and McNeil, Radiology 1982)."""
    both_positives_win = area / (2 - area)
    wins_over_both_negatives = 2 * area**2 / (1 + area)
    spread = area * (1 - area)
    spread += (positives - 1) * (both_positives_win - area**2)
    spread += (negatives - 1) * (wins_over_both_negatives - area**2)
    return spread / (positives * negatives)


def _sigmoid(logit: float) -> float:
    return 0.5 * (1 + math.tanh(logit / 2))
