"""All numbers of one task on one split.

Shape suffixes in this file:
    N rows
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records import TaskMetrics
from .ranking import auc_interval, expected_auc

__all__ = ["task_metrics"]


def task_metrics(
    kind: Literal["binary", "regression"],
    labels: ArrayLike,
    scores: ArrayLike,
    observed: ArrayLike,
    truth: ArrayLike | None = None,
) -> TaskMetrics:
    """Judge one task's scores on its observed rows.

    Args:
        kind: What the scores are: logits of a binary task, or values.
        labels: 0 or 1, or values, shape (N,).
        scores: Logits, or values in the label's unit, shape (N,).
        observed: Which rows have a label at all, shape (N,).
        truth: True probabilities where they are known, shape (N,).

    Returns:
        Loss in nats (binary) or squared units, and what the kind has; `None` where undefined.
    """
    keep_N = np.asarray(observed, dtype=bool)
    labels_N = np.asarray(labels)[keep_N].astype(np.float64)
    scores_N = np.asarray(scores)[keep_N].astype(np.float64)
    if kind == "regression":
        return _regression(labels_N, scores_N)
    interval = auc_interval(labels_N, scores_N)
    truth_N = None if truth is None else np.asarray(truth)[keep_N]
    return TaskMetrics(
        kind="binary",
        rows=labels_N.size,
        loss=_mean(np.logaddexp(0.0, scores_N) - labels_N * scores_N),
        positives=interval.positives,
        auc=interval.auc,
        auc_low=interval.low,
        auc_high=interval.high,
        expected_auc=None if truth_N is None else expected_auc(truth_N, scores_N),
        oracle_auc=None if truth_N is None else expected_auc(truth_N, truth_N),
    )


def _regression(labels_N: NDArray[np.float64], scores_N: NDArray[np.float64]) -> TaskMetrics:
    loss = _mean((labels_N - scores_N) ** 2)
    variance = _mean((labels_N - labels_N.mean()) ** 2) if labels_N.size else None
    return TaskMetrics(
        kind="regression",
        rows=labels_N.size,
        loss=loss,
        rmse=None if loss is None else math.sqrt(loss),
        r2=1 - loss / variance if loss is not None and variance else None,
    )


def _mean(values_N: NDArray[np.float64]) -> float | None:
    mean = float(values_N.mean()) if values_N.size else math.nan
    return mean if math.isfinite(mean) else None
