"""Rows in training order, and in file order.

Shape suffixes in this file:
    B batch   N rows   F id fields   V value fields   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..data import Split

__all__ = ["Batch", "ordered_batches", "shuffled_batches"]


@dataclass(frozen=True)
class Batch:
    """Some rows as tensors, copied out of the split's arrays (which may be memory-mapped)."""

    ids_BF: Tensor
    dense_BV: Tensor
    labels_BT: Tensor
    observed_BT: Tensor

    def __len__(self) -> int:
        return len(self.ids_BF)


def shuffled_batches(split: Split, batch_size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
    """One epoch. Its order depends on seed and epoch alone, so a resumed run meets the same batches.

    Args:
        split: Where the rows are.
        batch_size: B; the last batch has what is left.
        seed: Of the run.
        epoch: From 1.
        skip: Batches already trained on.
    """
    order_N = np.random.default_rng([seed, epoch]).permutation(len(split))
    for start in range(skip * batch_size, len(split), batch_size):
        yield _take(split, order_N[start : start + batch_size])


def ordered_batches(split: Split, batch_size: int) -> Iterator[Batch]:
    """The whole split in file order; for looking, not for learning."""
    for start in range(0, len(split), batch_size):
        yield _take(split, slice(start, start + batch_size))


def _take(split: Split, rows: NDArray[np.int64] | slice) -> Batch:
    # An index array copies by itself; a slice would be a view, and tensors must not share a read-only file's memory.
    return Batch(
        *(
            torch.from_numpy(np.array(values[rows], copy=isinstance(rows, slice)))
            for values in (split.ids_NF, split.dense_ND, split.labels_NT, split.observed_NT)
        )
    )
