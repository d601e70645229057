"""How many rows belong together: to one session where the dataset keeps sessions, else to one user where it names them.

Shape suffixes in this file:
    B rows read together   G sessions or users
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from ...config import Frozen
from ..rows import Split

__all__ = ["RowsPer", "rows_per_group"]

_ROWS_AT_ONCE = 1_000_000


class RowsPer(Frozen):
    """Rows of train per session or user, as a table of lengths. Rows of unknown or rare users are left out."""

    group: Literal["session", "user"]
    lengths: tuple[int, ...]  # ascending
    counts: tuple[int, ...]  # how many groups have this length

    @property
    def num_groups(self) -> int:
        """How many sessions or users there are."""
        return sum(self.counts)

    @property
    def num_rows(self) -> int:
        """The rows of all of them."""
        return sum(length * count for length, count in zip(self.lengths, self.counts, strict=True))


def rows_per_group(train: Split) -> RowsPer | None:
    """Count every row; None where neither sessions nor users are known."""
    group: Literal["session", "user"] = "user" if train.sessions_N is None else "session"
    rows_G = np.zeros(0, np.int64)
    for groups_B in _groups(train):
        counted = np.bincount(groups_B, minlength=len(rows_G))
        counted[: len(rows_G)] += rows_G
        rows_G = counted
    lengths, counts = np.unique(rows_G[rows_G > 0], return_counts=True)
    if not len(lengths):
        return None
    return RowsPer(group=group, lengths=tuple(lengths.tolist()), counts=tuple(counts.tolist()))


def _groups(train: Split) -> Iterator[np.ndarray]:
    """Whose each row is, block by block."""
    if train.sessions_N is not None:
        for start in range(0, len(train), _ROWS_AT_ONCE):
            yield train.sessions_N[start : start + _ROWS_AT_ONCE]
        return
    for start in range(0, len(train), _ROWS_AT_ONCE):
        users_B = train.users(slice(start, start + _ROWS_AT_ONCE))
        if users_B is None:
            return
        yield users_B[users_B >= 0]
