"""Who comes: sessions and their lengths, users and what is known about them.

Shares are filled exactly: units stand in random order, and each takes the code at its place on a ruler whose sections
are the shares. So no marginal carries sampling noise that a check would have to allow for.

Shape suffixes in this file:
    N impressions   S sessions   U users
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..encoding import MISSING_CODE
from . import published

__all__ = ["Population", "along_a_ruler", "draw_population"]

_ORDERS = 24  # tried at most
_NEAR_ENOUGH = 2e-4  # of the whole
_GROUPS = 13  # of field 122
_MICRO_SHARE = 0.5114  # of the most frequent micro-group, field 121
_MICRO_GROUPS = 97


@dataclass(frozen=True)
class Population:
    """Sessions in the order of the rows, and the users they belong to."""

    length_S: NDArray[np.int64]
    user_S: NDArray[np.int64]
    session_N: NDArray[np.int64]
    user_N: NDArray[np.int64]
    fields: dict[str, NDArray[np.int64]]  # per field the code of each user, -1 = missing
    rows_U: NDArray[np.int64]
    has_actions_U: NDArray[np.bool_]  # whether there is any history, if only of intentions
    has_shops_U: NDArray[np.bool_]  # whether categories, shops and brands of the history are known


def draw_population(num_rows: int, rng: np.random.Generator) -> Population:
    """Draw sessions and users for a number of rows."""
    length_S = _lengths(num_rows, rng)
    user_S = _users(len(length_S), rng)
    num_users = int(user_S.max()) + 1
    rows_U = np.bincount(user_S, weights=length_S, minlength=num_users).astype(np.int64)
    sessions_U = np.bincount(user_S, minlength=num_users)

    def present(share: float) -> NDArray[np.bool_]:
        return np.asarray(along_a_ruler(rows_U, (share,), rng) == 0)

    def told(field: str, is_known_U: NDArray[np.bool_]) -> NDArray[np.int64]:
        shares = np.array(published.DEMOGRAPHICS[field])
        code_U = np.full(num_users, MISSING_CODE)
        code_U[is_known_U] = along_a_ruler(sessions_U[is_known_U], tuple(shares / shares.sum()), rng)
        return code_U

    is_known_U = present(published.PRESENCE["124"])
    fields = {name: told(name, is_known_U) for name in ("124", "125", "127", "128")}
    for name in ("126", "129"):
        among_known = published.PRESENCE[name] / published.PRESENCE["124"]
        more_U = np.zeros(num_users, np.bool_)
        more_U[is_known_U] = along_a_ruler(rows_U[is_known_U], (among_known,), rng) == 0
        fields[name] = told(name, more_U)
    # A group is a gender in an age band, cut off at the number of groups there are.
    fields["122"] = np.where(is_known_U, np.minimum(fields["124"] * 7 + fields["125"], _GROUPS - 1), MISSING_CODE)
    micro_U = np.where(
        rng.random(num_users) < _MICRO_SHARE, 0, 1 + np.floor((_MICRO_GROUPS - 1) * rng.random(num_users) ** 2)
    )
    fields["121"] = np.where(is_known_U, micro_U, MISSING_CODE).astype(np.int64)
    fields["101"] = np.where(present(published.PRESENCE["101"]), np.arange(num_users), MISSING_CODE)

    history_U = along_a_ruler(
        rows_U, (published.PRESENCE["109_14"], published.PRESENCE["150_14"] - published.PRESENCE["109_14"]), rng
    )
    return Population(
        length_S=length_S,
        user_S=user_S,
        session_N=np.repeat(np.arange(len(length_S)), length_S),
        user_N=np.repeat(user_S, length_S),
        fields=fields,
        rows_U=rows_U,
        has_actions_U=history_U < 2,
        has_shops_U=history_U == 0,
    )


def along_a_ruler(
    weight_M: NDArray[np.int64], shares: tuple[float, ...], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Which share each unit falls into; their weights add up to the shares, nearly. The rest: `len(shares)`.

    A unit that lies across an edge is in one share with all its weight, so of some orders the best is taken.
    """
    total = float(weight_M.sum())
    edges = np.cumsum(shares)
    if abs(edges[-1] - 1) < 1e-9:
        edges = edges[:-1]
    best, least = np.zeros(len(weight_M), np.int64), np.inf
    for _ in range(_ORDERS):
        order = rng.permutation(len(weight_M))
        up_to = np.cumsum(weight_M[order])
        place = np.searchsorted(edges * total, up_to - weight_M[order] / 2, side="right")
        filled = np.append(up_to, 0)[np.searchsorted(place, np.arange(len(edges)), side="right") - 1]
        off = float(np.abs(filled / max(total, 1) - edges).max(initial=0))
        if off < least:
            least = off
            best[order] = place
        if least < _NEAR_ENOUGH:
            break
    return best


def _lengths(num_rows: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Session lengths at evenly spaced quantiles of their law, in random order, cut to the number of rows."""
    num_sessions = max(1, round(num_rows / published.SESSION_MEAN))
    single = published.SHARE_OF_SINGLE_ROWS
    level_S = (np.arange(num_sessions) + 0.5) / num_sessions
    normal_S = ndtri(np.clip((level_S - single) / (1 - single), 1e-9, 1 - 1e-9))
    drawn_S = np.exp(published.SESSION_LOG_MEAN + published.SESSION_LOG_SD * normal_S)
    drawn_S[level_S < single] = 0
    drawn_S *= num_rows / drawn_S.sum()  # the law's own mean is 1 % under the published one
    edge_S = np.rint(np.cumsum(np.maximum(drawn_S, 1)[rng.permutation(num_sessions)]))
    edge_S = np.minimum(edge_S, num_rows).astype(np.int64)
    edge_S[-1] = num_rows
    length_S = np.diff(edge_S, prepend=0)
    return np.asarray(length_S[length_S > 0])


def _users(num_sessions: int, rng: np.random.Generator) -> NDArray[np.int64]:
    per_user = rng.geometric(1 / published.SESSIONS_PER_USER, size=num_sessions)
    user_S = np.repeat(np.arange(num_sessions), per_user)[:num_sessions]
    _, user_S = np.unique(user_S[rng.permutation(num_sessions)], return_inverse=True)
    return np.asarray(user_S)
