"""Sparse gradients of several processes made one.

Shape suffixes in this file:
    N ids of all pieces   R pieces   M different ids   S embedding size   U ids of one piece
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["add_rows", "merge_ids"]


@kernel
def merge_ids(ids_N: np.ndarray, ends_R: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ids of several ascending lists, ascending, and where among them each one is.

    Args:
        ids_N: The lists, one after the other, int32.
        ends_R: Where each list ends.

    Returns:
        (M,) ids and (N,) places among them, both int32.
    """
    num_pieces, num_ids = len(ends_R), len(ids_N)
    heads_R = np.empty(num_pieces, np.int64)
    for piece in range(num_pieces):
        heads_R[piece] = ends_R[piece - 1] if piece else 0
    different, places_N = np.empty(num_ids, np.int32), np.empty(num_ids, np.int32)
    count, done = 0, 0
    while done < num_ids:
        least = np.int64(1) << 40
        for piece in range(num_pieces):
            if heads_R[piece] < ends_R[piece]:
                least = min(least, np.int64(ids_N[heads_R[piece]]))
        for piece in range(num_pieces):
            if heads_R[piece] < ends_R[piece] and ids_N[heads_R[piece]] == least:
                places_N[heads_R[piece]] = count
                heads_R[piece] += 1
                done += 1
        different[count] = least
        count += 1
    return different[:count].copy(), places_N


@kernel
def add_rows(rows_US: np.ndarray, places_U: np.ndarray, sum_MS: np.ndarray) -> None:
    """Add one piece's rows where they belong: pieces added in the same order give the same bits.

    Args:
        rows_US: Of the piece.
        places_U: Of each row in the sum, each once.
        sum_MS: Added to.
    """
    for u in range(len(places_U)):
        for s in range(rows_US.shape[1]):
            sum_MS[places_U[u], s] += rows_US[u, s]
