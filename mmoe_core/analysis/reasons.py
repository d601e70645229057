"""The simulator's truth for any group of rows: the mean of what moves its segments.

Shape suffixes in this file:
    B rows
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

__all__ = ["mean_reasons"]


def mean_reasons(by_segment: Mapping[str, Mapping[str, Mapping[str, float]]], segments: ArrayLike) -> pd.DataFrame:
    """What moves these rows, on average: one row per task, one column per reason; 0 where a reason plays no part.

    Args:
        by_segment: Segment → task → reason → how much.
        segments: Of each row, shape (B,), at least one.
    """
    names, counts = np.unique(np.asarray(segments, dtype=np.str_), return_counts=True)
    reasons = list(dict.fromkeys(r for of_task in by_segment.values() for parts in of_task.values() for r in parts))
    tasks = list(dict.fromkeys(task for of_task in by_segment.values() for task in of_task))
    mean = pd.DataFrame(0.0, index=tasks, columns=reasons)
    for name, share in zip(names, counts / counts.sum(), strict=True):
        for task, parts in by_segment[name].items():
            for reason, much in parts.items():
                mean.loc[task, reason] += share * much
    return mean
