"""All numbers of one task on one split: those of every look at the network, and those of the last one.

What takes a sort of its own (per user, by precision, calibration) is left to the end of a run.

Shape suffixes in this file:
    N rows
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records import TaskMetrics
from .calibration import brier_score, calibration_bins, expected_calibration_error, normalised_entropy
from .per_user import grouped_auc
from .ranking import auc_interval, average_precision, expected_auc

__all__ = ["closing_metrics", "task_metrics"]

Kind = Literal["binary", "regression"]


def task_metrics(
    kind: Kind,
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
    labels_N, scores_N = _kept(labels, keep_N), _kept(scores, keep_N)
    if kind == "regression":
        return _regression(labels_N, scores_N)
    interval = auc_interval(labels_N, scores_N)
    truth_N = None if truth is None else np.asarray(truth)[keep_N]
    loss = _mean(np.logaddexp(0.0, scores_N) - labels_N * scores_N)
    return TaskMetrics(
        kind="binary",
        rows=labels_N.size,
        loss=loss,
        normalised_entropy=normalised_entropy(loss, interval.positives, labels_N.size),
        brier=None if loss is None else brier_score(labels_N, _sigmoid(scores_N)),
        positives=interval.positives,
        auc=interval.auc,
        auc_low=interval.low,
        auc_high=interval.high,
        expected_auc=None if truth_N is None else expected_auc(truth_N, scores_N),
        oracle_auc=None if truth_N is None else expected_auc(truth_N, truth_N),
    )


def closing_metrics(
    kind: Kind,
    labels: ArrayLike,
    scores: ArrayLike,
    observed: ArrayLike,
    truth: ArrayLike | None = None,
    users: ArrayLike | None = None,
) -> TaskMetrics:
    """The same, and what is said of the best weights only: GAUC, average precision, calibration error.

    Args:
        kind: As for `task_metrics`; likewise labels, scores, observed, truth.
        users: Whose row it is, integers, shape (N,), below 0 where nobody knows; `None` where the data know no users.
    """
    found = task_metrics(kind, labels, scores, observed, truth)
    if kind == "regression":
        return found
    keep_N = np.asarray(observed, dtype=bool)
    labels_N, scores_N = _kept(labels, keep_N), _kept(scores, keep_N)
    by_user = None if users is None else grouped_auc(labels_N, scores_N, np.asarray(users)[keep_N])
    more = {
        "pr_auc": average_precision(labels_N, scores_N),
        "ece": expected_calibration_error(calibration_bins(labels_N, _sigmoid(scores_N))),
    }
    if by_user is not None:
        more |= {
            "gauc": by_user.auc,
            "gauc_low": by_user.low,
            "gauc_high": by_user.high,
            "gauc_users": by_user.users,
            "gauc_rows": by_user.rows,
        }
    return found.model_copy(update=more)


def _regression(labels_N: NDArray[np.float64], scores_N: NDArray[np.float64]) -> TaskMetrics:
    loss = _mean((labels_N - scores_N) ** 2)
    variance = _mean((labels_N - labels_N.mean()) ** 2) if labels_N.size else None
    return TaskMetrics(
        kind="regression",
        rows=labels_N.size,
        loss=loss,
        rmse=None if loss is None else math.sqrt(loss),
        mae=_mean(np.abs(labels_N - scores_N)),
        r2=1 - loss / variance if loss is not None and variance else None,
    )


def _kept(values: ArrayLike, keep_N: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(values)[keep_N].astype(np.float64)


def _sigmoid(logits_N: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.5 * (1 + np.tanh(logits_N / 2))


def _mean(values_N: NDArray[np.float64]) -> float | None:
    mean = float(values_N.mean()) if values_N.size else math.nan
    return mean if math.isfinite(mean) else None
