"""A dataset at a glance: each field's size and gaps, each task's positives, on the validation split.

Validation is small enough to read at once and shows what training cannot know: ids that it never saw.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..config import FIRST_KNOWN, MISSING, RARE, Frozen
from .dataset import Dataset

__all__ = ["FieldSummary", "field_summaries"]


class FieldSummary(Frozen):
    """One field. Shares are of the validation rows; `None` where they have no meaning."""

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
    ids = [
        FieldSummary(
            name=field.name,
            meaning=field.meaning,
            kind="id",
            distinct=field.vocabulary_size - FIRST_KNOWN,
            missing=_share(rows.ids_NF[:, column] == offset + MISSING),
            rare=_share(rows.ids_NF[:, column] == offset + RARE),
            mean=None,
            sd=None,
        )
        for column, (field, offset) in enumerate(zip(schema.id_fields, schema.offsets, strict=True))
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


def _share(is_so: np.ndarray) -> float | None:
    return float(is_so.mean()) if len(is_so) else None
