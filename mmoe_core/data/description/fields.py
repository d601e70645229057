"""What the fields hold: sizes and gaps of ids, and how values are spread.

Gaps are judged on validation, which shows what training cannot know: ids that it never saw.

Shape suffixes in this file:
    B rows read together   N rows judged   D value fields   F id fields   K ids of a row, all fields side by side
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from ...config import FIRST_KNOWN, MISSING, PADDING, RARE, Frozen, Schema
from ..manifest import Scaling
from ..rows import Split

__all__ = ["FieldSummary", "Histogram", "summarise_fields"]

_ROWS_AT_ONCE = 65_536
_NUM_BINS = 24


class Histogram(Frozen):
    """How many rows have a value in each bin; the last bin includes its upper edge."""

    edges: tuple[float, ...]  # in raw units, ascending, one more than counts
    counts: tuple[int, ...]
    is_log: bool  # bins are equally wide in ln(1 + v), else in v


class FieldSummary(Frozen):
    """One field. Shares are of the validation rows, a row's ids counting as they weigh; `None` where meaningless."""

    name: str
    meaning: str
    kind: Literal["id", "value"]
    distinct: int | None = None  # ids learnt from train
    missing: float | None = None
    rare: float | None = None  # unseen in train, or too seldom there
    tokens: float | None = None  # ids that a row has on average, where it can have several
    mean: float | None = None  # of the scaled value
    sd: float | None = None
    histogram: Histogram | None = None  # of train


def summarise_fields(
    schema: Schema, scaling: Mapping[str, Scaling], *, judged: Split, values_BD: np.ndarray
) -> Iterator[FieldSummary]:
    """Every field, ids first, in schema order.

    Args:
        schema: What the columns are.
        scaling: How values became what the network sees; a field that is not in it is taken as it is.
        judged: Validation rows, for shares and moments.
        values_BD: Scaled values of train rows, for histograms.
    """
    missing_F, rare_F, tokens_F = _id_shares(judged, schema)
    for index, id_field in enumerate(schema.id_fields):
        has_many = id_field.num_tokens > 1
        yield FieldSummary(
            name=id_field.name,
            meaning=id_field.meaning,
            kind="id",
            distinct=id_field.vocabulary_size - FIRST_KNOWN,
            missing=missing_F[index],
            rare=rare_F[index],
            tokens=tokens_F[index] if has_many else None,
        )
    for column, value_field in enumerate(schema.value_fields):
        scaled = judged.dense_ND[:, column]
        yield FieldSummary(
            name=value_field.name,
            meaning=value_field.meaning,
            kind="value",
            mean=float(scaled.mean(dtype=np.float64)) if len(scaled) else None,
            sd=float(scaled.std(dtype=np.float64)) if len(scaled) else None,
            histogram=_histogram(values_BD[:, column], scaling.get(value_field.name, Scaling())),
        )


def _histogram(scaled_B: np.ndarray, scaling: Scaling) -> Histogram | None:
    """Bins of one width on the scale that the network sees, named in raw units; None without a finite value."""
    finite_B = scaled_B[np.isfinite(scaled_B)].astype(np.float64)
    if not len(finite_B):
        return None
    counts, edges = np.histogram(finite_B, bins=_NUM_BINS)
    return Histogram(
        edges=tuple(scaling.raw(float(edge)) for edge in edges),
        counts=tuple(int(count) for count in counts),
        is_log=scaling.is_log,
    )


def _id_shares(rows: Split, schema: Schema) -> list[list[float | None]]:
    """Of each id field: the share that is missing, the share that is rare, and ids per row."""
    offsets_K = np.repeat(schema.offsets, [field.num_tokens for field in schema.id_fields])
    sums = np.zeros((3, len(schema.id_fields)))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        taken = rows.take(slice(start, start + _ROWS_AT_ONCE))
        local_BK = taken.ids_BK - offsets_K
        for field, columns in enumerate(schema.id_columns):
            own_BK = local_BK[:, columns]
            share_BK = np.ones(1) if taken.weights_BK is None else _shares_of_a_row(taken.weights_BK[:, columns])
            sums[0, field] += ((own_BK == MISSING) * share_BK).sum()
            sums[1, field] += ((own_BK == RARE) * share_BK).sum()
            sums[2, field] += ((own_BK != PADDING) & (own_BK != MISSING)).sum()
    return [[float(total) / len(rows) if len(rows) else None for total in of_field] for of_field in sums]


def _shares_of_a_row(weights_BK: np.ndarray) -> np.ndarray:
    return np.asarray(weights_BK / np.maximum(weights_BK.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny))
