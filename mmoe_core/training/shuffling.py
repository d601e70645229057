"""The order of an epoch: random, yet each page of a large file is read once.

Rows lie in blocks of 64. Blocks are shuffled over the whole file and dealt into groups of a million rows; within a
group rows are shuffled freely. Up to a million rows that is a full shuffle. Beyond, and even where all positives stand
side by side in the file, the share of positives varies from batch to batch by 1/16 more than after a full shuffle: a
batch of 1,024 rows draws from 16,384 blocks.

Shape suffixes in this file:
    G blocks of a group   B batch
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["shuffled_rows"]

_BLOCK_ROWS = 64
_GROUP_BLOCKS = 16_384


def shuffled_rows(
    num_rows: int, batch_size: int, *, seed: int, epoch: int, skip: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Row numbers of each batch of an epoch, each row once.

    The order depends on seed and epoch alone; what it holds in memory does not grow with the rows.

    Args:
        num_rows: Of the split.
        batch_size: B; the last batch has what is left.
        seed: Of the run.
        epoch: From 1.
        skip: Batches to leave out at the beginning.
    """
    num_blocks = -(-num_rows // _BLOCK_ROWS)
    blocks = np.random.default_rng([seed, epoch]).permutation(num_blocks).astype(np.int32)
    to_skip = skip * batch_size
    waiting = np.empty(0, np.int64)
    for group, first in enumerate(range(0, num_blocks, _GROUP_BLOCKS)):
        blocks_G = blocks[first : first + _GROUP_BLOCKS]
        rows_in_group = _BLOCK_ROWS * len(blocks_G)
        if num_blocks - 1 in blocks_G:  # the last block of the file may be short
            rows_in_group -= _BLOCK_ROWS * num_blocks - num_rows
        if to_skip >= rows_in_group:
            to_skip -= rows_in_group
            continue
        rows = (blocks_G.astype(np.int64)[:, None] * _BLOCK_ROWS + np.arange(_BLOCK_ROWS)).ravel()
        rows = np.random.default_rng([seed, epoch, group]).permutation(rows[rows < num_rows])
        waiting = np.concatenate([waiting, rows[to_skip:]])
        to_skip = 0
        num_full = len(waiting) // batch_size
        yield from waiting[: num_full * batch_size].reshape(num_full, batch_size)
        waiting = waiting[num_full * batch_size :]
    if len(waiting):
        yield waiting
