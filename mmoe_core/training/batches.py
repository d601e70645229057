"""Rows in training order, and in file order.

Shape suffixes in this file:
    B batch   K ids of a row, all id fields side by side   V value fields   T tasks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data import Split, in_order
from ..models import row_shares
from .ranks import ALONE, Ranks
from .shuffling import shuffled_rows
from .touched import Touched

__all__ = ["Batch", "each_batch", "shuffled_batches"]

_Out = TypeVar("_Out")
_PROCESSOR = torch.device("cpu")


@dataclass(frozen=True)
class Batch:
    """Some rows as tensors, copied out of the split's arrays (which may be memory-mapped)."""

    ids_BK: Tensor
    dense_BV: Tensor
    labels_BT: Tensor  # 0 where nothing was observed
    shares_BT: Tensor  # what a row counts in its task's loss
    weights_BK: Tensor | None  # of the ids within their field; None where every field has one
    num_rows: int  # of the whole batch, of which these rows may be one rank's
    row_share: float  # what a row counts in a mean over the whole batch; 0 if it only stands in

    def __len__(self) -> int:
        return len(self.ids_BK)

    def to(self, device: torch.device) -> Batch:
        """The same rows on a device."""
        if device.type == "cpu":
            return self
        return replace(
            self,
            ids_BK=self.ids_BK.to(device),
            dense_BV=self.dense_BV.to(device),
            labels_BT=self.labels_BT.to(device),
            shares_BT=self.shares_BT.to(device),
            weights_BK=None if self.weights_BK is None else self.weights_BK.to(device),
        )


def shuffled_batches(
    split: Split,
    batch_size: int,
    *,
    seed: int,
    epoch: int,
    skip: int = 0,
    threads_ahead: int = 1,
    ranks: Ranks = ALONE,
    device: torch.device = _PROCESSOR,
) -> Iterator[tuple[Batch, Touched]]:
    """One epoch, each batch (or this rank's share of it) with the rows of the table that it touches.

    The order depends on seed and epoch alone, so a resumed run meets the same batches, and so does every rank.

    Args:
        split: Where the rows are.
        batch_size: B; the last batch has what is left.
        seed: Of the run.
        epoch: From 1.
        skip: Batches already trained on.
        threads_ahead: Threads that prepare the next batches meanwhile; 0: none.
        ranks: Among whom each batch is dealt.
        device: Where they are computed.
    """
    rows = shuffled_rows(len(split), batch_size, seed=seed, epoch=epoch, skip=skip)

    def prepare(rows_B: NDArray[np.int64]) -> tuple[Batch, Touched]:
        own = ranks.share(len(rows_B))
        if own.start == own.stop:  # a row of somebody else's stands in and counts nothing: networks read some row
            batch = _take(split, rows_B[:1], rows_B)
            batch = replace(batch, shares_BT=torch.zeros_like(batch.shares_BT), row_share=0.0)
        else:
            batch = _take(split, rows_B[own], None if own == slice(0, len(rows_B)) else rows_B)
        return batch.to(device), Touched.by(batch.ids_BK, batch.weights_BK).to(device)

    return in_order(prepare, rows, threads_ahead)


def each_batch(
    split: Split, batch_size: int, work: Callable[[Batch], _Out], *, own: slice | None = None, threads_ahead: int = 1
) -> Iterator[_Out]:
    """What `work` makes of a split, a batch at a time, in file order; for looking, not for learning.

    Args:
        split: Where the rows are.
        batch_size: B; the last batch has what is left.
        work: Reads a batch; called by the threads that go ahead.
        own: Some of the rows; default: all.
        threads_ahead: Threads that read the next batches meanwhile; 0: none.
    """
    first, last = (0, len(split)) if own is None else (own.start, own.stop)
    slices = (slice(start, min(start + batch_size, last)) for start in range(first, last, batch_size))
    return in_order(lambda rows: work(_take(split, rows)), slices, threads_ahead)


def _take(split: Split, rows: NDArray[np.int64] | slice, whole_B: NDArray[np.int64] | None = None) -> Batch:
    """Some rows, as a batch or as a part of the whole one."""
    taken = split.take(rows)
    num_rows = len(taken) if whole_B is None else len(whole_B)
    observed_T = None if whole_B is None else torch.from_numpy(split.num_observed(whole_B))
    return Batch(
        ids_BK=_tensor(taken.ids_BK),
        dense_BV=_tensor(taken.dense_BV),
        labels_BT=_tensor(np.where(taken.observed_BT, taken.labels_BT, np.float32(0))),
        shares_BT=row_shares(_tensor(taken.observed_BT), observed_T),
        weights_BK=None if taken.weights_BK is None else _tensor(taken.weights_BK),
        num_rows=num_rows,
        row_share=1 / num_rows,
    )


def _tensor(values: np.ndarray) -> Tensor:
    """A tensor with memory of its own: a view would share a read-only file's."""
    return torch.from_numpy(np.require(values, requirements=("C", "OWNDATA", "WRITEABLE")))
