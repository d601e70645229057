"""Whether probabilities mean what they say: of the rows that were given 10 %, did about 10 % come true?

Rows are put into bins of equally many rows by their probability (Nguyen, O'Connor, EMNLP 2015): of rare events, bins of
equal width would put nearly every row into the first one. Rows of equal probability share a bin, whatever their order.
Expected calibration error: Naeini, Cooper, Hauskrecht, AAAI 2015. Normalised entropy: He et al., "Practical lessons
from predicting clicks on ads at Facebook", ADKDD 2014. Interval of a share: Wilson, JASA 1927.

Shape suffixes in this file:
    N rows   G groups of equal probability, ascending   K bins that have rows, ascending
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CALIBRATION_BINS",
    "CalibrationBin",
    "brier_score",
    "calibration_bins",
    "chance_calibration_error",
    "expected_calibration_error",
    "normalised_entropy",
    "wilson_interval",
]

CALIBRATION_BINS = 10  # tenths of the rows

_Z = 1.959963984540054  # 97.5 % point of the normal distribution


@dataclass(frozen=True)
class CalibrationBin:
    """Rows of similar probability: what was said of them, and what happened.

    Attributes:
        rows: How many there are.
        positives: How many of them came true.
        predicted: Mean of their probabilities.
        observed: Share that came true.
        low: 95 % Wilson interval of that share; likewise `high`.
    """

    rows: int
    positives: int
    predicted: float
    observed: float
    low: float
    high: float


def calibration_bins(
    labels: ArrayLike, probabilities: ArrayLike, num_bins: int = CALIBRATION_BINS
) -> tuple[CalibrationBin, ...]:
    """Bins of about equally many rows, by ascending probability; none without rows.

    Args:
        labels: 0 or 1, shape (N,).
        probabilities: 0 to 1, shape (N,).
        num_bins: At most so many; fewer where many rows have the same probability.
    """
    given_G, inverse_N, rows_G = np.unique(
        np.asarray(probabilities, dtype=np.float64), return_inverse=True, return_counts=True
    )
    if given_G.size == 0 or np.isnan(given_G[-1]):
        return ()
    positives_G = np.bincount(inverse_N, weights=np.asarray(labels) > 0.5)
    middles_G = np.cumsum(rows_G) - rows_G / 2  # a group belongs where its middle row does
    bins_G = (middles_G * num_bins / rows_G.sum()).astype(np.int64)
    starts_K = np.flatnonzero(np.diff(bins_G, prepend=-1))
    sums_K = (np.add.reduceat(values_G, starts_K) for values_G in (rows_G, positives_G, rows_G * given_G))
    return tuple(_bin(int(rows), int(positives), given) for rows, positives, given in zip(*sums_K, strict=True))


def _bin(rows: int, positives: int, given: float) -> CalibrationBin:
    low, high = wilson_interval(positives, rows)
    return CalibrationBin(rows, positives, float(given) / rows, positives / rows, low, high)


def wilson_interval(positives: int, rows: int) -> tuple[float, float]:
    """95 % interval of a share of at least one row; never empty, also where none or all are positive."""
    share, z2 = positives / rows, _Z * _Z
    centre = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half_width = _Z * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows * rows)) / (1 + z2 / rows)
    low = 0.0 if positives == 0 else centre - half_width  # exactly, without rounding
    high = 1.0 if positives == rows else centre + half_width
    return low, high


def expected_calibration_error(bins: Sequence[CalibrationBin]) -> float | None:
    """Mean over the rows of their bin's distance between what was said and what happened; `None` without rows."""
    rows = sum(one.rows for one in bins)
    return sum(one.rows * abs(one.predicted - one.observed) for one in bins) / rows if rows else None


def chance_calibration_error(bins: Sequence[CalibrationBin]) -> float | None:
    """About the error that probabilities which are right would show in bins of these sizes, by chance of the labels.

    The mean distance of a share of n rows from its expectation p is sqrt(2 p (1 - p) / (pi n)) where n is large. An
    error no larger than this is no sign of bad calibration.
    """
    rows = sum(one.rows for one in bins)
    by_chance = (math.sqrt(2 * one.rows * one.predicted * (1 - one.predicted) / math.pi) for one in bins)
    return sum(by_chance) / rows if rows else None


def brier_score(labels_N: NDArray[np.float64], probabilities_N: NDArray[np.float64]) -> float | None:
    """Mean squared distance between probability and label; `None` without rows."""
    return float(np.mean((probabilities_N - labels_N) ** 2)) if labels_N.size else None


def normalised_entropy(loss: float | None, positives: int, rows: int) -> float | None:
    """Log loss over that of always saying the share of positives: below 1 is better than knowing only this share.

    Args:
        loss: In nats.
        positives: Rows with label 1.
        rows: All rows.

    Returns:
        `None` with one class only, whose entropy is 0.
    """
    if loss is None or not 0 < positives < rows:
        return None
    share = positives / rows
    return loss / -(share * math.log(share) + (1 - share) * math.log1p(-share))
