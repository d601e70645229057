"""Which rows a run has most to say about, from its stored predictions.

Shape suffixes in this file:
    N rows of a split   B rows on which the task was observed
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowOrder", "over_all_rows", "rows_in_order"]

RowOrder = Literal["wrong", "highest", "lowest"]


def over_all_rows(observed_N: NDArray[np.bool_], found_B: NDArray[np.floating]) -> NDArray[np.float64]:
    """What was found on the observed rows, by row number; NaN on the others."""
    found_N = np.full(len(observed_N), np.nan)
    found_N[observed_N] = found_B
    return found_N


def rows_in_order(labels_N: NDArray[np.floating], scores_N: NDArray[np.floating], by: RowOrder) -> NDArray[np.int64]:
    """Row numbers, first those that a question is most about; rows without a score are left out.

    Args:
        labels_N: What happened.
        scores_N: Probabilities, or a regression's values; NaN where the task was not observed.
        by: `wrong`: farthest from the label, and so of the largest loss; `highest` and `lowest`: by the score alone.
    """
    rows_B = np.flatnonzero(~np.isnan(scores_N))
    scores_B = scores_N[rows_B]
    match by:
        case "wrong":
            key_B = -np.abs(labels_N[rows_B] - scores_B)
        case "highest":
            key_B = -scores_B
        case "lowest":
            key_B = scores_B
    return rows_B[np.argsort(key_B, kind="stable")]
