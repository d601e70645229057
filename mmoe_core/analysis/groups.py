"""Runs that share a choice, against runs that make another one: what remains of a difference when seeds vary?

Welch, "The generalization of 'Student's' problem when several different population variances are involved",
Biometrika 1947, with Satterthwaite's degrees of freedom.

Shape suffixes in this file:
    S seeds   Z seeds of the other group
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ..metrics import seeds_to_see

__all__ = ["GroupDifference", "group_difference"]


@dataclass(frozen=True)
class GroupDifference:
    """Mean of one group less that of another, over trainings.

    Attributes:
        difference: Of the means.
        low: 95 % interval; likewise `high`. None where a group has one training: one has no spread.
        seeds_needed: Trainings of each group that such a difference would take; None where it is told from none
            already, where there is none, or where the spread is not known.
    """

    difference: float
    low: float | None = None
    high: float | None = None
    seeds_needed: int | None = None

    @property
    def is_distinguishable(self) -> bool:
        """Whether there is an interval, and 0 is outside of it."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def group_difference(values: Sequence[float], others: Sequence[float]) -> GroupDifference:
    """What trainings say of the difference between two groups.

    Args:
        values: A measure, one of each training, at least one.
        others: The same of the other group.
    """
    one_S, other_Z = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    difference = float(one_S.mean() - other_Z.mean())
    if min(one_S.size, other_Z.size) < 2:
        return GroupDifference(difference)
    errors = one_S.var(ddof=1) / one_S.size, other_Z.var(ddof=1) / other_Z.size
    variance = float(sum(errors))
    if variance == 0:
        return GroupDifference(difference)
    freedom = variance**2 / (errors[0] ** 2 / (one_S.size - 1) + errors[1] ** 2 / (other_Z.size - 1))
    reach = float(stdtrit(freedom, 0.975)) * math.sqrt(variance)
    found = GroupDifference(difference, difference - reach, difference + reach)
    if found.is_distinguishable:
        return found
    deviation = math.sqrt((one_S.var(ddof=1) + other_Z.var(ddof=1)) / 2)
    return GroupDifference(difference, found.low, found.high, seeds_to_see(difference, deviation))
