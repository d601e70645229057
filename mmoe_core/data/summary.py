"""A dataset at a glance: each field's size and gaps, each task's positives, on the validation split.

Validation is small enough to read whole and shows what training cannot know: ids that it never saw.

Shape suffixes in this file:
    B rows read together   F id fields   K ids of a row, all fields side by side
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..config import FIRST_KNOWN, MISSING, RARE, Frozen, Schema
from .dataset import Dataset
from .rows import Split

__all__ = ["FieldSummary", "field_summaries"]


_ROWS_AT_ONCE = 65_536


class FieldSummary(Frozen):
    """One field. Shares are of the validation rows, a row's ids counting as they weigh; `None` where meaningless."""

    name: str
    meaning: str
    kind: Literal["id", "value"]
    distinct: int | None  # ids learnt from train
    missing: float | None
    rare: float | None  # unseen in train, or too seldom there
    mean: float | None  # of the scaled value
    sd: float | None


def field_summaries(dataset: Dataset) -> list[FieldSummary]:
    """Every field of a dataset, ids first, in schema order."""
    schema, rows = dataset.schema, dataset.split("validation")
    missing_F, rare_F = _shares(rows, schema)
    ids = [
        FieldSummary(
            name=field.name,
            meaning=field.meaning,
            kind="id",
            distinct=field.vocabulary_size - FIRST_KNOWN,
            missing=missing,
            rare=rare,
            mean=None,
            sd=None,
        )
        for field, missing, rare in zip(schema.id_fields, missing_F, rare_F, strict=True)
    ]
    values = [
        FieldSummary(
            name=field.name,
            meaning=field.meaning,
            kind="value",
            distinct=None,
            missing=None,
            rare=None,
            mean=float(rows.dense_ND[:, column].mean(dtype=np.float64)) if len(rows) else None,
            sd=float(rows.dense_ND[:, column].std(dtype=np.float64)) if len(rows) else None,
        )
        for column, field in enumerate(schema.value_fields)
    ]
    return ids + values


def _shares(rows: Split, schema: Schema) -> tuple[list[float | None], list[float | None]]:
    """Of each id field: how much is missing, how much is rare."""
    offsets_K = np.repeat(schema.offsets, [field.num_tokens for field in schema.id_fields])
    found = {MISSING: np.zeros(len(schema.id_fields)), RARE: np.zeros(len(schema.id_fields))}
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        taken = rows.take(slice(start, start + _ROWS_AT_ONCE))
        local_BK = taken.ids_BK - offsets_K
        for field, columns in enumerate(schema.id_columns):
            share_BK = np.ones(1) if taken.weights_BK is None else _shares_of_a_row(taken.weights_BK[:, columns])
            for reserved, so_far_F in found.items():
                so_far_F[field] += ((local_BK[:, columns] == reserved) * share_BK).sum()
    missing, rare = ([float(count) / len(rows) if len(rows) else None for count in found[r]] for r in (MISSING, RARE))
    return missing, rare


def _shares_of_a_row(weights_BK: np.ndarray) -> np.ndarray:
    return np.asarray(weights_BK / np.maximum(weights_BK.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny))
