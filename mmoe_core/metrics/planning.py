"""Before anything is trained: how exactly can an AUC be known here, and how many rows would a difference take?

Hanley, McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve", Radiology 1982:
the standard error of an AUC from the AUC and the numbers of positives and negatives alone, for scores whose two classes
are distributed like exponentials.

Guenther, "Sample size formulas for normal theory t tests", The American Statistician 1981: the size that the normal
distribution asks for, and a quarter of the level's squared quantile more, since the spread is estimated too.
"""

from __future__ import annotations

import math

__all__ = ["auc_standard_error", "rows_to_see", "seeds_to_see"]

_Z_LEVEL = 1.959963984540054  # two-sided test at 5 %
_Z_POWER = 0.8416212335729143  # which sees the difference in 80 of 100 such samples
_MANY = 1e12  # rows, where the variance is proportional to 1 / rows


def auc_standard_error(auc: float, positives: float, negatives: float) -> float | None:
    """Standard error that an AUC has by chance of the sample; `None` with one class only.

    Args:
        auc: What the AUC is about; the error is largest near .6.
        positives: May be an expectation, hence a fraction.
        negatives: As for positives.
    """
    if not (positives > 0 and negatives > 0):
        return None
    both_beat_one = auc / (2 - auc)  # Q1: two positives both beat one negative
    one_beats_both = 2 * auc**2 / (1 + auc)  # Q2: one positive beats two negatives
    variance = auc * (1 - auc)
    variance += max(positives - 1, 0) * (both_beat_one - auc**2)
    variance += max(negatives - 1, 0) * (one_beats_both - auc**2)
    return math.sqrt(variance / (positives * negatives))


def rows_to_see(difference: float, auc: float, positive_share: float, *, correlation: float = 0.0) -> int | None:
    """Rows on which two AUCs that differ by `difference` are told apart: 5 % level, 80 % power.

    Args:
        difference: Of the two AUCs, above 0.
        auc: What they are about.
        positive_share: Positives among the rows, 0 to 1.
        correlation: Of the two AUCs' errors, below 1. Scores of the same rows go together, so that 0, the default, is
            the cautious end.

    Returns:
        `None` where no number of rows would do: there is one class only.
    """
    of_one_row = auc_standard_error(auc, positive_share * _MANY, (1 - positive_share) * _MANY)
    if of_one_row is None:
        return None
    variance_times_rows = of_one_row**2 * _MANY * 2 * (1 - correlation)
    return math.ceil(variance_times_rows * ((_Z_LEVEL + _Z_POWER) / difference) ** 2)


def seeds_to_see(difference: float, deviation: float) -> int | None:
    """Seeds of each of two groups with which a t-test tells their means apart: 5 % level, 80 % power.

    Args:
        difference: Of the two means, of either sign.
        deviation: Between seeds of one group.

    Returns:
        `None` where no number of seeds would do: the means are the same. At least 2, since one seed has no spread.
    """
    if difference == 0:
        return None
    needed = 2 * ((_Z_LEVEL + _Z_POWER) * deviation / difference) ** 2 + _Z_LEVEL**2 / 4
    return max(2, math.ceil(needed))
