"""The rows that the doctor looks at: all of them, or a fixed sample where there are many.

Shape suffixes in this file:
    B rows looked at   K id columns   F id fields   V value fields   T tasks
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...config import Schema
from ..dataset import Dataset
from ..manifest import SplitName
from ..rows import Rows

__all__ = ["Sample", "draw_sample"]

_MOST_ROWS = 200_000
_MOST_CELLS = 10_000_000  # wide rows, fewer of them
_SEED = 0


@dataclass(frozen=True)
class Sample:
    """Some rows of one split, in file order.

    Attributes:
        split: Which split.
        schema: What the columns are.
        num_rows: Of the whole split.
        places_B: Where in the file each row stands.
        rows: The rows.
    """

    split: SplitName
    schema: Schema
    num_rows: int
    places_B: np.ndarray
    rows: Rows

    def __len__(self) -> int:
        return len(self.places_B)

    @property
    def sampled_rows(self) -> int | None:
        """How many rows were looked at, where that is not all."""
        return None if len(self) == self.num_rows else len(self)

    @cached_property
    def local_ids(self) -> np.ndarray:
        """One id per field, local to it: of several the one with the largest weight."""
        columns = []
        for place, offset in zip(self.schema.id_columns, self.schema.offsets, strict=True):
            ids_BK = self.rows.ids_BK[:, place]
            if ids_BK.shape[1] == 1 or self.rows.weights_BK is None:
                columns.append(ids_BK[:, 0] - offset)
            else:
                heaviest_B = self.rows.weights_BK[:, place].argmax(axis=1)
                columns.append(ids_BK[np.arange(len(ids_BK)), heaviest_B] - offset)
        return np.stack(columns, axis=1) if columns else np.empty((len(self), 0), np.int32)


def draw_sample(dataset: Dataset, name: SplitName) -> Sample:
    """All rows of a split, or as many as can be looked at in a moment; the same ones each time."""
    split = dataset.split(name)
    most = min(_MOST_ROWS, _MOST_CELLS // (dataset.schema.num_id_columns + len(dataset.schema.value_fields)))
    if len(split) <= most:
        places_B = np.arange(len(split))
        return Sample(name, dataset.schema, len(split), places_B, split.take(slice(None)))
    places_B = np.sort(np.random.default_rng(_SEED).choice(len(split), size=most, replace=False))
    return Sample(name, dataset.schema, len(split), places_B, split.take(places_B))
