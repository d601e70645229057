"""Does one column, or the place in the file, give the label away?

Each column is judged on rows that it was not fitted on: every second row teaches which of its values go with which
labels, the others are predicted from that alone. Ids that are nearly unique therefore predict nothing by heart. Of
several ids in a field, the one that speaks most for the label decides.

Shape suffixes in this file:
    B rows looked at   K ids of a row in one field, 1 for a value
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...config import PADDING
from ...metrics import auc, auc_interval
from .findings import Finding
from .sample import Sample

__all__ = ["find_leaks", "find_sorting"]

_SUSPICIOUS_AUC = 0.95
_SORTED_AUC = 0.6
_LEAST_LOW = 0.75  # of the interval
_LEAST_LOW_SORTED = 0.55
_SUSPICIOUS_R2 = 0.95
_LEAST_ROWS = 50
_LEAST_OF_A_CLASS = 12  # among the held-out rows; so many are not ordered that well by luck
_NUM_BINS = 64
_NUM_BLOCKS = 100
_ROWS_PER_BLOCK = 20
_PRIOR_ROWS = 10.0  # weight of the overall rate in the rate of one value
_SEED = 0


def find_leaks(train: Sample) -> Iterator[Finding]:
    """Columns that alone predict a label."""
    columns = _columns(train)
    for task_index, task in enumerate(train.schema.tasks):
        labels_B, observed_B = _labels(train, task_index)
        for field, all_codes_BK in columns.items():
            codes_BK = all_codes_BK[observed_B]
            if task.kind == "regression":
                share = _explained(codes_BK, labels_B)
                if share >= _SUSPICIOUS_R2:
                    yield Finding.of(
                        "explains_label", sampled_rows=train.sampled_rows, field=field, task=task.name, share=share
                    )
                continue
            found = _predicted(codes_BK, labels_B, _SUSPICIOUS_AUC, _LEAST_LOW)
            if found is not None:
                code = "equals_label" if found == 1 else "predicts_label"
                yield Finding.of(code, sampled_rows=train.sampled_rows, field=field, task=task.name, auc=found)


def find_sorting(train: Sample) -> Iterator[Finding]:
    """Labels that change along the file."""
    num_blocks = min(_NUM_BLOCKS, len(train) // _ROWS_PER_BLOCK)
    for task_index, task in enumerate(train.schema.tasks):
        if task.kind == "regression" or num_blocks < 2:
            continue
        labels_B, observed_B = _labels(train, task_index)
        blocks_BK = (np.arange(len(train)) * num_blocks // len(train))[observed_B, None] + 1
        found = _predicted(blocks_BK, labels_B, _SORTED_AUC, _LEAST_LOW_SORTED)
        if found is not None:
            yield Finding.of("sorted_rows", sampled_rows=train.sampled_rows, task=task.name, auc=found)


def _labels(train: Sample, task: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the rows on which the task was observed, and which these are."""
    labels_B = train.rows.labels_BT[:, task]
    observed_B = train.rows.observed_BT[:, task] & np.isfinite(labels_B)
    return labels_B[observed_B].astype(np.float64), observed_B


def _columns(train: Sample) -> dict[str, np.ndarray]:
    """Every field as small integers, 0 for padding: ids as they are, numbers by value, or by quantile if many."""
    rows, schema = train.rows, train.schema
    ids = [rows.ids_BK[:, place] - offset for place, offset in zip(schema.id_columns, schema.offsets, strict=True)]
    values = [_coded(values_B)[:, None] + 1 for values_B in rows.dense_BV.T]
    return dict(zip(schema.field_names, [*ids, *values], strict=True))


def _coded(values_B: np.ndarray) -> np.ndarray:
    values_B = np.nan_to_num(values_B, posinf=0, neginf=0)
    # From all over the file: where a column begins later than the log, its first rows are all the same.
    some = np.unique(values_B[:: max(1, len(values_B) // (_NUM_BINS * 100))])
    if len(some) > _NUM_BINS:
        edges = np.unique(np.quantile(values_B, np.arange(1, _NUM_BINS) / _NUM_BINS, method="inverted_cdf"))
        return np.searchsorted(edges, values_B, side="left")
    return np.asarray(np.unique(values_B, return_inverse=True)[1])


def _fitted(codes_BK: np.ndarray, labels_B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The labels of the rows that were held out, and what their codes predict."""
    is_taught_B = np.random.default_rng(_SEED).random(len(codes_BK)) < 0.5
    taught_BK, asked_BK = codes_BK[is_taught_B], codes_BK[~is_taught_B]
    mean = labels_B[is_taught_B].mean()
    size = int(codes_BK.max()) + 1
    surplus = np.repeat(labels_B[is_taught_B] - mean, codes_BK.shape[1])
    sums = np.bincount(taught_BK.ravel(), weights=surplus, minlength=size)
    rates = mean + sums / (np.bincount(taught_BK.ravel(), minlength=size) + _PRIOR_ROWS)
    rates[PADDING] = -np.inf
    predicted_B = rates[asked_BK].max(axis=1)
    return labels_B[~is_taught_B], np.where(np.isfinite(predicted_B), predicted_B, mean)


def _predicted(codes_BK: np.ndarray, labels_B: np.ndarray, least: float, least_low: float) -> float | None:
    """AUC of the held-out rows, if it is high and not by luck."""
    if len(labels_B) < _LEAST_ROWS:
        return None
    held_out_B, predicted_B = _fitted(codes_BK, labels_B)
    positives = int((held_out_B > 0.5).sum())
    if min(positives, len(held_out_B) - positives) < _LEAST_OF_A_CLASS:
        return None
    area = auc(held_out_B, predicted_B)
    if area is None or area < least:
        return None
    low = auc_interval(held_out_B, predicted_B).low
    return area if low is not None and low >= least_low else None


def _explained(codes_BK: np.ndarray, labels_B: np.ndarray) -> float:
    """Share of the held-out rows' variance that the codes explain."""
    if len(labels_B) < _LEAST_ROWS:
        return 0.0
    held_out_B, predicted_B = _fitted(codes_BK, labels_B)
    variance = held_out_B.var()
    return float(1 - ((held_out_B - predicted_B) ** 2).mean() / variance) if variance > 0 else 0.0
