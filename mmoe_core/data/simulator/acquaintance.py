"""Whom a user knows: of the categories, shops, brands or topics shown to him, those in his history, and others.

Shape suffixes in this file:
    N impressions   U users   P distinct pairs of a user and a code shown to him   M members of users' sets
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pairs", "Sets", "choose", "quantile_positions", "ranks_within", "sizes_with_mean"]

Ints = NDArray[np.int64]


class Pairs:
    """The distinct (user, code) pairs of some rows.

    Args:
        user_N: The user of each row.
        code_N: What was shown, -1 = nothing; rows where `counts_N` is false are no pair either.
        counts_N: Rows that count.
        num_codes: More than any code.
    """

    def __init__(self, user_N: Ints, code_N: Ints, counts_N: NDArray[np.bool_], num_codes: int) -> None:
        rows = np.flatnonzero((code_N >= 0) & counts_N)
        self.num_codes = num_codes
        self.key_P, first, inverse, self.weight_P = np.unique(
            user_N[rows] * num_codes + code_N[rows], return_index=True, return_inverse=True, return_counts=True
        )
        self.first_row_P = rows[first]
        self.pair_N = np.full(len(user_N), -1)
        self.pair_N[rows] = inverse

    def find(self, user_Q: Ints, code_Q: Ints) -> Ints:
        """Index of each pair."""
        return np.asarray(np.searchsorted(self.key_P, user_Q * self.num_codes + code_Q))


def choose(
    weight_P: Ints,
    need: float,
    rng: np.random.Generator,
    *,
    favour: float = 0.5,
    first_P: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """A random choice of pairs whose weights add up to what is needed, up to one pair; frequent ones sooner."""
    turn_P = rng.exponential(size=len(weight_P)) / np.maximum(weight_P, 1) ** favour
    if first_P is not None:
        turn_P[first_P] -= turn_P.max(initial=0) + 1
    order = np.argsort(turn_P)
    chosen_P = np.zeros(len(weight_P), np.bool_)
    chosen_P[order] = np.cumsum(weight_P[order]) <= need + 0.5
    return chosen_P


def quantile_positions(weight_P: Ints, rng: np.random.Generator) -> NDArray[np.float64]:
    """A place in (0, 1) per pair, evenly filled by the pairs' weights, in random order."""
    order = rng.permutation(len(weight_P))
    place_P = np.empty(len(weight_P))
    total = max(float(weight_P.sum()), 1.0)
    place_P[order] = (np.cumsum(weight_P[order]) - weight_P[order] / 2) / total
    return place_P.clip(1e-9, 1 - 1e-9)


@dataclass(frozen=True)
class Sets:
    """A set of codes per user, sorted by user and code."""

    user_M: Ints
    code_M: Ints
    start_U: Ints  # U + 1
    num_codes: int

    @staticmethod
    def of(user_M: Ints, code_M: Ints, num_users: int, num_codes: int) -> Sets:
        """From members in any order, each once."""
        key_M = np.sort(user_M * num_codes + code_M)
        user_M, code_M = np.divmod(key_M, num_codes)
        return Sets(user_M, code_M, np.searchsorted(user_M, np.arange(num_users + 1)), num_codes)

    def find(self, key_Q: Ints) -> Ints:
        """Index of each (user, code) key among the members, -1 = not one."""
        own_M = self.user_M * self.num_codes + self.code_M
        if not len(own_M):
            return np.full(len(key_Q), -1)
        place_Q = np.searchsorted(own_M, key_Q).clip(max=len(own_M) - 1)
        return np.where(own_M[place_Q] == key_Q, place_Q, -1)

    @staticmethod
    def drawn(known: NDArray[np.bool_], pairs: Pairs, fill_U: Ints, rng: np.random.Generator) -> Sets:
        """The known pairs, and for each user so many codes more that were never shown to him."""
        num_codes = pairs.num_codes
        more = (2 * fill_U + 8 * np.minimum(fill_U, 1)).astype(np.int64)
        user_D = np.repeat(np.arange(len(fill_U)), more)
        key_D = np.unique(user_D * num_codes + rng.integers(num_codes, size=len(user_D)))
        place_D = np.searchsorted(pairs.key_P, key_D).clip(max=max(len(pairs.key_P) - 1, 0))
        if len(pairs.key_P):
            key_D = key_D[pairs.key_P[place_D] != key_D]
        user_D = key_D // num_codes
        key_D = key_D[np.lexsort((rng.random(len(key_D)), user_D))]
        key_D = key_D[ranks_within(user_D) < fill_U[user_D]]
        key_M = np.concatenate([pairs.key_P[known], key_D])
        return Sets.of(key_M // num_codes, key_M % num_codes, len(fill_U), num_codes)


def ranks_within(user_M: Ints) -> Ints:
    """Place of each member among its user's, from 0; users are sorted."""
    if not len(user_M):
        return user_M
    index_M = np.arange(len(user_M))
    starts = np.flatnonzero(np.diff(user_M, prepend=user_M[0] - 1))
    return index_M - np.repeat(starts, np.diff(starts, append=len(user_M)))


def sizes_with_mean(activity_U: NDArray[np.float64], least_U: Ints, rows_U: Ints, mean: float) -> Ints:
    """Sizes in proportion to activity, at least so large, whose mean over all rows is as wanted."""
    low, high = 0.0, 50 * mean
    for _ in range(50):
        middle = (low + high) / 2
        sizes = np.maximum(np.rint(middle * activity_U), least_U)
        low, high = (middle, high) if (sizes * rows_U).sum() < mean * rows_U.sum() else (low, middle)
    return np.asarray(np.maximum(np.rint(high * activity_U), least_U), dtype=np.int64)
