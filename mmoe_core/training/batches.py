"""Rows in training order, and in file order.

Shape suffixes in this file:
    B batch   K ids of a row, all id fields side by side   V value fields   T tasks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data import Split, in_order
from .losses import row_shares
from .shuffling import shuffled_rows
from .touched import Touched

__all__ = ["Batch", "each_batch", "shuffled_batches"]

_Out = TypeVar("_Out")


@dataclass(frozen=True)
class Batch:
    """Some rows as tensors, copied out of the split's arrays (which may be memory-mapped)."""

    ids_BK: Tensor
    dense_BV: Tensor
    labels_BT: Tensor  # 0 where nothing was observed
    shares_BT: Tensor  # what a row counts in its task's loss
    weights_BK: Tensor | None  # of the ids within their field; None where every field has one

    def __len__(self) -> int:
        return len(self.ids_BK)


def shuffled_batches(
    split: Split, batch_size: int, *, seed: int, epoch: int, skip: int = 0, threads_ahead: int = 1
) -> Iterator[tuple[Batch, Touched]]:
    """One epoch, each batch with the rows of the table that it touches.

    The order depends on seed and epoch alone, so a resumed run meets the same batches.

    Args:
        split: Where the rows are.
        batch_size: B; the last batch has what is left.
        seed: Of the run.
        epoch: From 1.
        skip: Batches already trained on.
        threads_ahead: Threads that prepare the next batches meanwhile; 0: none.
    """
    rows = shuffled_rows(len(split), batch_size, seed=seed, epoch=epoch, skip=skip)

    def prepare(rows_B: NDArray[np.int64]) -> tuple[Batch, Touched]:
        batch = _take(split, rows_B)
        return batch, Touched.by(batch.ids_BK, batch.weights_BK)

    return in_order(prepare, rows, threads_ahead)


def each_batch(
    split: Split, batch_size: int, work: Callable[[Batch], _Out], *, threads_ahead: int = 1
) -> Iterator[_Out]:
    """What `work` makes of the whole split, a batch at a time, in file order; for looking, not for learning.

    Args:
        split: Where the rows are.
        batch_size: B; the last batch has what is left.
        work: Reads a batch; called by the threads that go ahead.
        threads_ahead: Threads that read the next batches meanwhile; 0: none.
    """
    slices = (slice(start, start + batch_size) for start in range(0, len(split), batch_size))
    return in_order(lambda rows: work(_take(split, rows)), slices, threads_ahead)


def _take(split: Split, rows: NDArray[np.int64] | slice) -> Batch:
    taken = split.take(rows)
    return Batch(
        ids_BK=_tensor(taken.ids_BK),
        dense_BV=_tensor(taken.dense_BV),
        labels_BT=_tensor(np.where(taken.observed_BT, taken.labels_BT, np.float32(0))),
        shares_BT=row_shares(_tensor(taken.observed_BT)),
        weights_BK=None if taken.weights_BK is None else _tensor(taken.weights_BK),
    )


def _tensor(values: np.ndarray) -> Tensor:
    """A tensor with memory of its own: a view would share a read-only file's."""
    return torch.from_numpy(np.require(values, requirements=("C", "OWNDATA", "WRITEABLE")))
