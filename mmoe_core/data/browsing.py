"""Rows chosen and named for a person: which ones gates are watched on, and what a field says on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..errors import DatasetError
from .dataset import Dataset
from .manifest import SplitName
from .writing import SEGMENT

__all__ = ["field_values", "probe_rows"]

_PROBE_SEED = 0  # not the run's: runs are compared on the same rows
_NUM_BINS = 5
_ROWS_FOR_QUANTILES = 100_000  # of train; more would not move a quintile visibly


def probe_rows(dataset: Dataset, num_rows: int, *, split: SplitName = "validation") -> np.ndarray:
    """Row numbers in a split, the same for every run on a dataset, so that runs compare.

    Gates are watched on `train.probe_rows` of validation, in this order; between epochs `train.validation_rows` are
    judged.

    Returns:
        Distinct and ascending, int64; all rows when there are fewer.
    """
    num_there = len(dataset.split(split))
    chosen = np.random.default_rng(_PROBE_SEED).choice(num_there, size=min(num_rows, num_there), replace=False)
    return np.sort(chosen).astype(np.int64)


def field_values(dataset: Dataset, split: SplitName, field: str, rows: np.ndarray) -> np.ndarray:
    """What a field says on given rows, as text.

    Args:
        dataset: Where the rows are.
        split: Which of its splits.
        field: An id field (its label; of several ids the one with the largest weight), a value field (its fifth of
            train, in raw units), or `segment`, the simulator's true mechanism of a row.
        rows: Row numbers within the split.

    Returns:
        One text per row.

    Raises:
        DatasetError: the dataset has no such field.
    """
    schema, arrays = dataset.schema, dataset.split(split)
    if field == SEGMENT and arrays.segments_N is not None:
        labels, ids = np.asarray(dataset.manifest.segments, dtype=np.str_), arrays.segments_N[rows]
        return np.asarray(labels[ids])
    if field in (id_field.name for id_field in schema.id_fields):
        local_BK, weights_BK = arrays.tokens(field, rows)
        heaviest_B = weights_BK.argmax(axis=1)
        return np.asarray(dataset.vocabulary(field)[local_BK[np.arange(len(local_BK)), heaviest_B]])
    for column, value_field in enumerate(schema.value_fields):
        if value_field.name == field:
            return _fifths(dataset, field, column, arrays.dense_ND[rows, column])
    choices = (*schema.field_names, *((SEGMENT,) if schema.is_simulated else ()))
    raise DatasetError(
        "{dataset} has no field '{field}'. Choose one of {fields}.",
        dataset=dataset.name,
        field=field,
        fields=", ".join(choices),
    )


def _fifths(dataset: Dataset, field: str, column: int, values: np.ndarray) -> np.ndarray:
    train = dataset.split("train").dense_ND[:_ROWS_FOR_QUANTILES, column]
    inner = np.unique(np.quantile(train, np.arange(1, _NUM_BINS) / _NUM_BINS, method="inverted_cdf"))
    raw = [f"{round(dataset.manifest.scaling[field].raw(float(edge)), 6):.4g}" for edge in inner]  # float32 dust off
    names = [f"≤ {raw[0]}", *(f"{low} – {high}" for low, high in pairwise(raw)), f"> {raw[-1]}"]
    return np.asarray(np.asarray(names, dtype=np.str_)[np.searchsorted(inner, values, side="left")])
