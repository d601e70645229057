"""What train teaches: the ids that occur often enough, and the mean and deviation of every number.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...config import FIRST_KNOWN, MISSING, RARE
from ..manifest import Scaling

__all__ = ["Moments", "Vocabulary", "local_ids"]

_COMPACTED_FROM = 200_000


class Vocabulary:
    """Counts texts; memory grows with the number of different ones only."""

    def __init__(self) -> None:
        self._counted = _no_counts
        self._waiting: list[pa.Table] = []
        self._num_waiting = 0

    def count(self, texts: pa.Array) -> None:
        """Count the texts of a batch; null is nothing."""
        found = pc.value_counts(texts.drop_null())
        self._waiting.append(
            pa.table({"text": found.field("values").cast(pa.large_string()), "count": found.field("counts")})
        )
        self._num_waiting += len(found)
        if self._num_waiting > max(_COMPACTED_FROM, self._counted.num_rows):
            self._compact()

    def labels(self, min_frequency: int) -> pa.Array:
        """The texts that were counted often enough, ascending: the ids from `FIRST_KNOWN` on."""
        self._compact()
        often = self._counted.filter(pc.greater_equal(self._counted["count"], min_frequency))
        return often["text"].combine_chunks().sort() if often.num_rows else pa.array([], pa.large_string())

    def _compact(self) -> None:
        together = pa.concat_tables([self._counted, *self._waiting]).group_by("text", use_threads=False)
        self._counted = together.aggregate([("count", "sum")]).select(["text", "count_sum"]).rename_columns(
            ["text", "count"]
        )  # fmt: skip
        self._waiting, self._num_waiting = [], 0


class Moments:
    """Mean and deviation of numbers that come in batches (Chan, Golub and LeVeque 1979); NaN is nothing."""

    def __init__(self) -> None:
        self.count = 0
        self._mean = 0.0
        self._squares = 0.0  # sum of squared distances from the mean

    def add(self, values_N: np.ndarray) -> None:
        """Take the numbers of a batch into account."""
        values_N = values_N[~np.isnan(values_N)]
        if not len(values_N):
            return
        mean = float(values_N.mean())
        squares = float(((values_N - mean) ** 2).sum())
        total = self.count + len(values_N)
        distance = mean - self._mean
        self._squares += squares + distance**2 * self.count * len(values_N) / total
        self._mean += distance * len(values_N) / total
        self.count = total

    def scaling(self, *, is_log: bool = False) -> Scaling:
        """What gives these numbers mean 0 and deviation 1; of a constant, mean 0."""
        deviation = math.sqrt(self._squares / self.count) if self.count else 0.0
        return Scaling(is_log=is_log, shift=self._mean, scale=deviation or 1.0)


def local_ids(texts: pa.Array, labels: pa.Array) -> np.ndarray:
    """Ids local to a field, int32 (N,): a text that train did not teach is rare, an empty cell missing."""
    place = pc.index_in(texts.cast(pa.large_string()), value_set=labels)
    local_N = np.asarray(pc.add(place, FIRST_KNOWN).fill_null(RARE).to_numpy(zero_copy_only=False), np.int32)
    is_missing_N = np.asarray(texts.is_null().to_numpy(zero_copy_only=False), np.bool_)
    return np.where(is_missing_N, MISSING, local_N).astype(np.int32)


_no_counts = pa.table({"text": pa.array([], pa.large_string()), "count": pa.array([], pa.int64())})
