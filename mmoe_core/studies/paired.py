"""Differences between two networks that were trained on the same seeds.

A seed fixes the rows, the split and the order of the batches, so that most of what makes one loss larger than another
is the same on both sides and falls out of their difference.

Shape suffixes in this file:
    N seeds   R resamples
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

__all__ = ["SeedDifference", "bootstrapped", "paired_difference"]

_RESAMPLES = 10_000
_SEED = 2018  # of the resampling: equal losses, equal intervals


@dataclass(frozen=True)
class SeedDifference:
    """A mean of paired differences and its intervals, which are `None` with fewer than two pairs.

    Attributes:
        pairs: Seeds that both sides have.
        mean: Over the pairs.
        low: Lower end of the interval that decides, Student's t.
        high: Its upper end.
        check_low: The same by resampling the seeds, as a check that does not lean on a normal distribution.
        check_high: Its upper end.
    """

    pairs: int
    mean: float
    low: float | None
    high: float | None
    check_low: float | None
    check_high: float | None


def paired_difference(difference_N: ArrayLike, *, level: float = 0.95) -> SeedDifference:
    """What the differences say of their mean.

    Args:
        difference_N: One per seed; at least one.
        level: Of the intervals.
    """
    found_N = np.asarray(difference_N, dtype=np.float64)
    mean = float(found_N.mean())
    if found_N.size < 2:
        return SeedDifference(found_N.size, mean, None, None, None, None)
    reach = float(stdtrit(found_N.size - 1, (1 + level) / 2)) * float(found_N.std(ddof=1)) / math.sqrt(found_N.size)
    return SeedDifference(
        found_N.size, mean, mean - reach, mean + reach, *bootstrapped(found_N, lambda at_RN: at_RN.mean(axis=1), level)
    )


def bootstrapped(
    values_N: NDArray[np.float64], statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]], level: float
) -> tuple[float, float]:
    """Percentile interval of a statistic over resampled seeds.

    Args:
        values_N: What each seed came to; further axes, such as the models that share a seed, stay together.
        statistic: Resamples, shape (R, N, ...), to their statistics, shape (R,).
        level: Of the interval.
    """
    drawn_RN = np.random.default_rng(_SEED).integers(0, len(values_N), (_RESAMPLES, len(values_N)))
    low, high = np.quantile(statistic(values_N[drawn_RN]), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
