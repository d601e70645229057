"""From the ids and values of a processed Ali-CCP table to what a network reads: learnt from train, or as they are.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from ..config import FIRST_KNOWN, MISSING, RARE
from ..errors import DatasetError
from .ali_ccp_schema import ID_NAMES, VALUE_NAMES
from .encoding import scaled
from .manifest import DataWarning, Scaling, SplitName, Vocabulary

__all__ = ["AsGiven", "Learnt", "name_as_read", "scaled_values", "vocabulary_of"]

_MAX_NAME, _ENDING = 80, "-as-given"
_LARGEST_ID = 5_000_000  # as given, a field has as many rows in the embedding table as its largest id says


class Learnt:
    """What train teaches: the ids that occur, and the range of each value."""

    warnings: tuple[DataWarning, ...] = ()

    def __init__(self) -> None:
        self._ids = {field: np.empty(0, np.int64) for field in ID_NAMES}
        self._range = dict.fromkeys(VALUE_NAMES, (np.inf, -np.inf))

    def widen(self, split: SplitName, batch: pa.RecordBatch, file: Path) -> None:
        """Take in some rows."""
        if split != "train" or len(batch) == 0:
            return
        for field in ID_NAMES:
            found = batch[field].drop_null().unique().to_numpy()
            self._ids[field] = np.union1d(self._ids[field], found)
        for field, (low, high) in self._range.items():
            values_N = batch[field].to_numpy()
            self._range[field] = (min(low, float(values_N.min())), max(high, float(values_N.max())))

    def labels(self, field: str) -> np.ndarray:
        """What the ids from `FIRST_KNOWN` on stand for."""
        return self._ids[field].astype(str)

    def local_ids(self, field: str, column: pa.Int64Array) -> np.ndarray:
        """Ids within a field, int32 (N,)."""
        known = self._ids[field]
        raw_N = column.fill_null(0).to_numpy()
        place_N = np.searchsorted(known, raw_N)
        is_known_N = known.take(place_N, mode="clip") == raw_N if len(known) else np.zeros(len(raw_N), np.bool_)
        local_N = np.where(is_known_N, place_N + FIRST_KNOWN, RARE).astype(np.int32)
        local_N[column.is_null().to_numpy(zero_copy_only=False)] = MISSING
        return local_N

    def scaling(self, field: str) -> Scaling:
        """Train's range becomes 0 to 1; values that lie there already are left alone, as tutorials train on them."""
        low, high = self._range[field]
        if not high > low or (low >= 0 and high <= 1):
            return Scaling()
        return Scaling(shift=low, scale=high - low)


class AsGiven:
    """torch-rechub's way: an id is its own place, a vocabulary ends at the largest id of all files, values are left."""

    warnings = (
        DataWarning(
            template="Ids and values are used as given: a vocabulary reaches to the largest id of train, validation "
            "and test together, as in the tutorials' notebook, and nothing is scaled."
        ),
    )

    def __init__(self) -> None:
        self._largest = dict.fromkeys(ID_NAMES, 0)

    def widen(self, split: SplitName, batch: pa.RecordBatch, file: Path) -> None:
        """Take in some rows, of whatever split.

        Raises:
            DatasetError: an id is missing, negative or too large to be a place in a table.
        """
        if len(batch) == 0:
            return
        for field in ID_NAMES:
            if batch[field].null_count:
                raise DatasetError(
                    "{file}, column '{column}': {count:,} ids are missing, which ids that are used as given cannot be. "
                    "Fill the cells, or let the vocabulary be learnt. Nothing was imported.",
                    file=file.name,
                    column=field,
                    count=batch[field].null_count,
                )
            ids_N = batch[field].to_numpy()
            low, high = int(ids_N.min()), int(ids_N.max())
            if low < 0 or high > _LARGEST_ID:
                raise DatasetError(
                    "{file}, column '{column}': the id {found} is no place in a table. Ids that are used as given lie "
                    "between 0 and {largest:,}; let the vocabulary be learnt. Nothing was imported.",
                    file=file.name,
                    column=field,
                    found=low if low < 0 else high,
                    largest=_LARGEST_ID,
                )
            self._largest[field] = max(self._largest[field], high)

    def labels(self, field: str) -> np.ndarray:
        """What the ids from `FIRST_KNOWN` on stand for: themselves."""
        return np.arange(self._largest[field] + 1).astype(str)

    def local_ids(self, field: str, column: pa.Int64Array) -> np.ndarray:
        """Ids within a field, int32 (N,): as they are, after the reserved ones."""
        return np.asarray(column.to_numpy() + FIRST_KNOWN, np.int32)

    def scaling(self, field: str) -> Scaling:
        """None."""
        return Scaling()


def name_as_read(name: str, kind: Vocabulary) -> str:
    """What a dataset is called by default: the same files, read in two ways, are two datasets."""
    return name[: _MAX_NAME - len(_ENDING)] + _ENDING if kind == "as_given" else name


def vocabulary_of(kind: Vocabulary) -> Learnt | AsGiven:
    """How the ids of a table shall be read."""
    return AsGiven() if kind == "as_given" else Learnt()


def scaled_values(values_N: np.ndarray, field: str, scaling: Scaling, file: Path) -> np.ndarray:
    """Values as the network reads them.

    Raises:
        DatasetError: one is too far from those of train.
    """
    with np.errstate(over="ignore"):
        scaled_N = scaled(values_N, scaling)
    is_far_N = np.isinf(scaled_N)
    if is_far_N.any():
        raise DatasetError(
            "{file}, column '{column}': the value {found} is too far from those of train, which lie between {low} and "
            "{high}, to be scaled by them. Correct or remove it. Nothing was imported.",
            file=file.name,
            column=field,
            found=f"{values_N[is_far_N][0]:g}",
            low=f"{scaling.shift:g}",
            high=f"{scaling.shift + scaling.scale:g}",
        )
    return scaled_N
