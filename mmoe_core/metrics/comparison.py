"""Is one network better than another on the same rows? Differences with intervals that know of the pairing.

AUC: DeLong, DeLong, Clarke-Pearson, Biometrics 1988, from midranks as in Sun, Xu, "Fast implementation of DeLong's
algorithm", IEEE Signal Processing Letters 2014. RMSE: delta method over the rows' squared errors. A mean of the rows'
losses: normal interval of the mean of the rows' differences. Where there are several others (seeds of one network),
the difference is to the mean of theirs.

The intervals say what another sample of test rows would change. What another training seed would change is not in them.

Shape suffixes in this file:
    N rows   P positives   M negatives
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["PairedDifference", "auc_difference", "mean_difference", "rmse_difference"]

Floats = NDArray[np.float64]

_Z = 1.959963984540054  # 97.5 % point of the normal distribution


@dataclass(frozen=True)
class PairedDifference:
    """One network's AUC, RMSE or mean loss less the mean of the others', on the same rows.

    Attributes:
        one: Of the one.
        other: Mean of the others'.
        low: 95 % interval of `difference`; likewise `high`. `None` where the sample says nothing of the spread: one
            class has one row, or each row of a class is ordered alike.
        p: Of "no difference", two-sided; `None` likewise.
        correlation: Of the two errors, as far as the pairing takes them away; `None` likewise.
    """

    one: float
    other: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    correlation: float | None = None

    @property
    def difference(self) -> float:
        """Above 0: the one has more."""
        return self.one - self.other

    @property
    def is_distinguishable(self) -> bool:
        """Whether there is an interval, and 0 is outside of it."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def auc_difference(labels: ArrayLike, one: ArrayLike, others: Sequence[ArrayLike]) -> PairedDifference | None:
    """Paired DeLong.

    Args:
        labels: 0 or 1, shape (N,).
        one: Scores, any increasing function of the probability, shape (N,).
        others: At least one such array.

    Returns:
        `None` with one class only.
    """
    positive_N = np.asarray(labels) > 0.5
    if positive_N.all() or not positive_N.any():
        return None
    one_P, one_M = _placements(positive_N, one)
    placed = [_placements(positive_N, scores) for scores in others]
    other_P = np.mean([won_P for won_P, _ in placed], axis=0)
    other_M = np.mean([won_M for _, won_M in placed], axis=0)
    if min(len(one_P), len(one_M)) == 1:
        return PairedDifference(float(one_P.mean()), float(other_P.mean()))

    def variance(of_P: Floats, of_M: Floats) -> float:
        return float(of_P.var(ddof=1) / len(of_P) + of_M.var(ddof=1) / len(of_M))

    apart = variance(one_P - other_P, one_M - other_M)
    alone = variance(one_P, one_M) + variance(other_P, other_M)
    return _difference(float(one_P.mean()), float(other_P.mean()), apart, alone)


def rmse_difference(labels: ArrayLike, one: ArrayLike, others: Sequence[ArrayLike]) -> PairedDifference | None:
    """Difference of root mean squared errors.

    Args:
        labels: Values, shape (N,).
        one: Predicted values, shape (N,).
        others: At least one such array.

    Returns:
        `None` with fewer than two rows.
    """
    labels_N = np.asarray(labels, dtype=np.float64)
    if labels_N.size < 2:
        return None
    rmse, felt_N = _felt(labels_N, one)
    found = [_felt(labels_N, values) for values in others]
    other, other_felt_N = float(np.mean([rmse for rmse, _ in found])), np.mean([felt_N for _, felt_N in found], axis=0)

    def variance(felt_N: Floats) -> float:
        return float(felt_N.var(ddof=1)) / felt_N.size

    apart, alone = variance(felt_N - other_felt_N), variance(felt_N) + variance(other_felt_N)
    return _difference(rmse, other, apart, alone)


def mean_difference(one: ArrayLike, others: Sequence[ArrayLike]) -> PairedDifference | None:
    """Difference of means over the rows, such as of losses.

    Args:
        one: Of each row, shape (N,).
        others: At least one such array.

    Returns:
        `None` with fewer than two rows.
    """
    one_N = np.asarray(one, dtype=np.float64)
    if one_N.size < 2:
        return None
    other_N = np.mean([np.asarray(values, dtype=np.float64) for values in others], axis=0)

    def variance(values_N: Floats) -> float:
        return float(values_N.var(ddof=1)) / values_N.size

    return _difference(
        float(one_N.mean()), float(other_N.mean()), variance(one_N - other_N), variance(one_N) + variance(other_N)
    )


def _difference(one: float, other: float, apart: float, alone: float) -> PairedDifference:
    """From the variance of the difference, and the sum of the variances, which it would be without the pairing."""
    difference = one - other
    if apart <= 0:
        return PairedDifference(one, other) if difference else PairedDifference(one, other, 0.0, 0.0, 1.0, 1.0)
    half_width = _Z * math.sqrt(apart)
    p = math.erfc(abs(difference) / math.sqrt(2 * apart))
    return PairedDifference(one, other, difference - half_width, difference + half_width, p, 1 - apart / alone)


def _placements(positive_N: NDArray[np.bool_], scores: ArrayLike) -> tuple[Floats, Floats]:
    """Of each positive the share of negatives that it beats, of each negative the share of positives that beat it."""
    scores_N = np.asarray(scores)
    ranks_N = _midranks(scores_N)
    won_P = ranks_N[positive_N] - _midranks(scores_N[positive_N])
    lost_M = ranks_N[~positive_N] - _midranks(scores_N[~positive_N])
    return won_P / len(lost_M), 1 - lost_M / len(won_P)


def _midranks(values_N: NDArray[np.generic]) -> Floats:
    """Place of each value among all, from 1; equal values share the mean of theirs."""
    order_N = np.argsort(values_N)
    sorted_N = values_N[order_N]
    starts = np.flatnonzero(np.concatenate(([True], sorted_N[1:] != sorted_N[:-1])))
    sizes = np.diff(np.append(starts, len(sorted_N)))
    ranks_N = np.empty(len(sorted_N))
    ranks_N[order_N] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks_N


def _felt(labels_N: Floats, values: ArrayLike) -> tuple[float, Floats]:
    """The RMSE, and how each row moves it: its squared error over twice the RMSE."""
    squared_N = (np.asarray(values, dtype=np.float64) - labels_N) ** 2
    rmse = math.sqrt(squared_N.mean())
    return rmse, squared_N / (2 * rmse) if rmse > 0 else squared_N
