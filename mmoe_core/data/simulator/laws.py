"""The conservation laws of the log, counted on its finished table: on how many rows each is broken.

Shape suffixes in this file:
    N impressions   G users   M tokens of histories
"""

from __future__ import annotations

import numpy as np

from .tokens import LogTable, Tokens

__all__ = ["LAWS", "broken_laws"]

_LOOK_UPS = (("508", "206", "109_14"), ("509", "207", "110_14"), ("702", "216", "127_14"), ("853", "210", "150_14"))
LAWS = (
    "sum over 109_14 = sum over 110_14",
    *(f"{look_up} = {history} at {item_field}" for look_up, item_field, history in _LOOK_UPS),
)


def broken_laws(table: LogTable) -> dict[str, int]:
    """Rows that break each law; all zeros for a sound log.

    Actions add up to the same number over categories and over shops; a look-up is in a row if and only if what the item
    belongs to is in the history, and its value is the one there.
    """
    over = {name: _sums(table.of_sessions[name]) for name in ("109_14", "110_14")}
    user_N = _users(table)[table.session_N]
    unequal_G = np.rint(over["109_14"]) != np.rint(over["110_14"])
    broken = [int(unequal_G[user_N].sum()), *(_broken_look_ups(table, *fields) for fields in _LOOK_UPS)]
    return dict(zip(LAWS, broken, strict=True))


def _broken_look_ups(table: LogTable, look_up: str, item_field: str, history: str) -> int:
    base = table.first_id
    asked, said, tokens = table.of_rows[item_field], table.of_rows[look_up], table.of_sessions[history]
    assert tokens.value_M is not None
    assert said.value_M is not None
    user_N, width = _users(table)[table.session_N], 1 << 32
    group_M = np.repeat(np.arange(len(tokens.start_G) - 1), np.diff(tokens.start_G))
    key_M = group_M * width + tokens.id_M - base[history]
    row_M = np.repeat(np.arange(len(user_N)), asked.counts())
    wanted_M = user_N[row_M] * width + asked.id_M - base[item_field]
    place_M = np.searchsorted(key_M, wanted_M).clip(max=max(len(key_M) - 1, 0))
    is_there_M = key_M[place_M] == wanted_M

    expected = np.stack([row_M[is_there_M], asked.id_M[is_there_M] - base[item_field]])
    value = tokens.value_M[place_M[is_there_M]]
    said_row_M = np.repeat(np.arange(len(user_N)), said.counts())
    found = np.stack([said_row_M, said.id_M - base[look_up]])
    one, other = np.lexsort(expected[::-1]), np.lexsort(found[::-1])
    if expected.shape != found.shape or (expected[:, one] != found[:, other]).any():
        return len(set(map(tuple, expected.T.tolist())) ^ set(map(tuple, found.T.tolist())))
    return int((value[one] != said.value_M[other]).sum())


def _sums(tokens: Tokens) -> np.ndarray:
    assert tokens.value_M is not None
    group_M = np.repeat(np.arange(len(tokens.start_G) - 1), np.diff(tokens.start_G))
    return np.bincount(group_M, weights=np.rint(np.expm1(tokens.value_M)), minlength=len(tokens.start_G) - 1)


def _users(table: LogTable) -> np.ndarray:
    users = next(iter(table.of_sessions.values())).group_R
    assert users is not None  # a session's fields are its user's
    return users
