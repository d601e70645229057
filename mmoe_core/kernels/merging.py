"""Sparse gradients of two processes made one.

Shape suffixes in this file:
    A, B rows of the two   M different rows of both   S numbers of a row
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["merge_rows"]


@kernel
def merge_rows(
    ids_A: np.ndarray, rows_AS: np.ndarray, ids_B: np.ndarray, rows_BS: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows by id, those of equal ids added: always first + second, so that equal input gives equal bits.

    Args:
        ids_A: Of the first, ascending, each once, int32.
        rows_AS: Of the first.
        ids_B: Of the second, likewise.
        rows_BS: Of the second.

    Returns:
        (M,) ids, ascending, and (M, S) rows.
    """
    num_a, num_b, size = len(ids_A), len(ids_B), rows_AS.shape[1]
    ids, rows = np.empty(num_a + num_b, np.int32), np.empty((num_a + num_b, size), rows_AS.dtype)
    a, b, count = 0, 0, 0
    nothing = rows_AS.dtype.type(0)
    while a < num_a and b < num_b:  # whose turn it is cannot be foreseen, so nothing is decided by a jump
        has_a, has_b = ids_A[a] <= ids_B[b], ids_B[b] <= ids_A[a]
        ids[count] = min(ids_A[a], ids_B[b])
        for s in range(size):
            rows[count, s] = (rows_AS[a, s] if has_a else nothing) + (rows_BS[b, s] if has_b else nothing)
        a += has_a
        b += has_b
        count += 1
    left_a, left_b = num_a - a, num_b - b
    ids[count : count + left_a], rows[count : count + left_a] = ids_A[a:], rows_AS[a:]
    count += left_a
    ids[count : count + left_b], rows[count : count + left_b] = ids_B[b:], rows_BS[b:]
    count += left_b
    return ids[:count], rows[:count]
