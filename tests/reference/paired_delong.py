"""Is one score's AUC above another's on the same rows? DeLong's test from placement values, straight from the paper.

DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating characteristic
curves", Biometrics 1988.

Shape suffixes in this file:
    N rows   P positives   M negatives
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, rankdata

__all__ = ["auc_is_above"]


def auc_is_above(labels_N: np.ndarray, one_N: np.ndarray, other_N: np.ndarray) -> tuple[float, float]:
    """AUC of one score less that of the other, and the one-sided p of "not above"."""
    (one_P, one_M), (other_P, other_M) = (_placements(labels_N > 0.5, scores_N) for scores_N in (one_N, other_N))
    difference = float(one_P.mean() - other_P.mean())
    spread = np.sqrt((one_P - other_P).var(ddof=1) / len(one_P) + (one_M - other_M).var(ddof=1) / len(one_M))
    return difference, float(norm.sf(difference / spread))


def _placements(is_positive_N: np.ndarray, scores_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each positive the share of negatives that it beats, of each negative the share of positives that beat it."""
    rank_N = rankdata(scores_N)
    rank_P, rank_M = rank_N[is_positive_N], rank_N[~is_positive_N]
    won_P = (rank_P - rankdata(scores_N[is_positive_N])) / len(rank_M)
    lost_M = 1 - (rank_M - rankdata(scores_N[~is_positive_N])) / len(rank_P)
    return won_P, lost_M
