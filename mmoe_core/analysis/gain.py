"""What learning the tasks together has brought each of them: multi-task gain against single-task networks.

    gain_k = s_k (M_k - B_k) / B_k        Δ = mean of gain_k over the T tasks

M_k is the run's AUC (binary, s_k = 1) or RMSE (regression, s_k = -1: less is better) on the test split, B_k the mean of
the single-task runs'. Maninis, Radosavovic, Kokkinos, "Attentive single-tasking of multiple tasks", CVPR 2019; likewise
Standley et al., "Which tasks should be learned together in multi-task learning?", ICML 2020.

The interval of a gain is that of the paired difference over B_k: it says what other test rows would change. What
another training seed would change is seen in how far the single-task runs are apart.

Shape suffixes in this file:
    N rows
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..metrics import PairedDifference, auc_difference, rmse_difference, rows_to_see

__all__ = ["MeanGain", "TaskGain", "gain_frame", "mean_gain", "task_gain"]

_SIGNS = {"auc": 1, "rmse": -1}


@dataclass(frozen=True)
class TaskGain:
    """One task of a run against single-task runs, or against any one other run, on the same test rows.

    Attributes:
        measure: What is compared; more AUC is better, less RMSE is.
        found: The run's measure less the mean of the single-task runs'.
        lowest_single: The least of theirs; likewise `highest_single`.
        rows: Test rows on which the task was observed.
        positives: Of these; `None` of a regression.
        rows_needed: On how many such a difference of AUCs would be told from none; `None` where it is already, or
            where there is none.
    """

    measure: Literal["auc", "rmse"]
    found: PairedDifference
    lowest_single: float
    highest_single: float
    rows: int
    positives: int | None
    rows_needed: int | None

    @property
    def gain(self) -> float:
        """Relative to the single-task runs; above 0 is better."""
        return _SIGNS[self.measure] * self.found.difference / self.found.other

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the gain; `None` where the sample says nothing of it."""
        if self.found.low is None or self.found.high is None:
            return None
        ends = (_SIGNS[self.measure] * end / self.found.other for end in (self.found.low, self.found.high))
        low, high = sorted(ends)
        return low, high


@dataclass(frozen=True)
class MeanGain:
    """Δ, with an interval that is at least as wide as the 95 % interval would be; `None` where a task has none."""

    gain: float
    interval: tuple[float, float] | None


def task_gain(
    kind: Literal["binary", "regression"], labels: ArrayLike, scores: ArrayLike, singles: Sequence[ArrayLike]
) -> TaskGain | None:
    """One task's gain; `None` where its measure is undefined, or the single-task runs make no error at all.

    Args:
        kind: Of the task.
        labels: Of the test rows on which it was observed, shape (N,).
        scores: The run's probabilities or values, shape (N,).
        singles: Those of each single-task run, at least one.
    """
    labels_N = np.asarray(labels)
    differ = auc_difference if kind == "binary" else rmse_difference
    found = differ(labels_N, scores, singles)
    if found is None or found.other == 0:
        return None
    alone = [one.one for one in (differ(labels_N, single, [single]) for single in singles) if one is not None]
    return TaskGain(
        measure="auc" if kind == "binary" else "rmse",
        found=found,
        lowest_single=min(alone),
        highest_single=max(alone),
        rows=labels_N.size,
        positives=int(np.sum(labels_N > 0.5)) if kind == "binary" else None,
        rows_needed=_rows_needed(found, float(np.mean(labels_N))) if kind == "binary" else None,
    )


def mean_gain(gains: Sequence[TaskGain | None]) -> MeanGain | None:
    """Δ over all tasks; `None` where a task has no gain.

    The tasks share their rows, so their errors go together in a way that is not looked into. Whatever it is, the
    deviation of a mean is at most the mean of the deviations: that is the interval's half width.
    """
    there = [gain for gain in gains if gain is not None]
    if not there or len(there) < len(gains):
        return None
    mean = sum(gain.gain for gain in there) / len(there)
    intervals = [gain.interval for gain in there if gain.interval is not None]
    if len(intervals) < len(there):
        return MeanGain(mean, None)
    half_width = sum(high - low for low, high in intervals) / (2 * len(intervals))
    return MeanGain(mean, (mean - half_width, mean + half_width))


def gain_frame(gains: Mapping[str, TaskGain | None]) -> pd.DataFrame:
    """One row per task: `gain`, and `low` and `high` of its interval; NaN where undefined."""
    rows = [
        (None, None, None) if one is None else (one.gain, *(one.interval or (None, None))) for one in gains.values()
    ]
    return pd.DataFrame(rows, index=pd.Index(gains, name="task"), columns=["gain", "low", "high"], dtype=float)


def _rows_needed(found: PairedDifference, positive_share: float) -> int | None:
    if found.is_distinguishable or found.difference == 0 or found.correlation is None:
        return None
    about = (found.one + found.other) / 2
    return rows_to_see(abs(found.difference), about, positive_share, correlation=found.correlation)
