"""A simulated log as fields of raw ids and values, before any encoding: what every writer writes.

Raw ids are globally unique, as in the real log: each field owns a block of them. A value is 1, or ln(1 + n) to five
decimals.

Shape suffixes in this file:
    N impressions   S sessions   U users   R rows   G groups of tokens   M tokens   K tokens kept
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..ali_ccp_schema import ID_NAMES
from ..encoding import MISSING_CODE
from ..manifest import SplitName
from ..raw.layout import COMMON_FIELDS, SKELETON_FIELDS
from .acquaintance import Ints, ranks_within
from .actions import History
from .goods import POOL
from .true_rates import TrueLog

__all__ = ["LogTable", "Tokens", "log_table"]

Floats = NDArray[np.float64]

_DECIMALS = 5
_SHARES = (0.8, 0.9)  # of the rows, cut between sessions: train up to the first, validation up to the second


@dataclass(frozen=True)
class Tokens:
    """One field: the tokens of every row, none where it is missing.

    Attributes:
        start_G: Where each group's tokens start, and where the last one's end.
        id_M: Raw ids.
        value_M: Their values; None where all are 1.
        group_R: Which group's tokens a row has; None: rows are groups.
    """

    start_G: Ints
    id_M: Ints
    value_M: Floats | None = None
    group_R: Ints | None = None

    def counts(self) -> Ints:
        """Tokens of each row."""
        count_G = np.diff(self.start_G)
        return count_G if self.group_R is None else count_G[self.group_R]

    def of_row(self, row: int) -> tuple[Ints, Floats]:
        """Ids and values of a row."""
        group = row if self.group_R is None else int(self.group_R[row])
        tokens = slice(int(self.start_G[group]), int(self.start_G[group + 1]))
        ids = self.id_M[tokens]
        return ids, np.ones(len(ids)) if self.value_M is None else self.value_M[tokens]

    def highest(self, num_tokens: int) -> tuple[Ints, Floats]:
        """The tokens of each row with the highest values, (R, K): ids, -1 where there are none, and values."""
        count_G = np.diff(self.start_G)
        group_M = np.repeat(np.arange(len(count_G)), count_G)
        order = np.arange(len(group_M))
        if self.value_M is not None and count_G.max(initial=0) > 1:
            order = np.lexsort((self.id_M, -self.value_M, group_M))
        rank_M = ranks_within(group_M)
        kept = rank_M < num_tokens
        ids_GK = np.full((len(count_G), num_tokens), -1)
        values_GK = np.zeros((len(count_G), num_tokens))
        place = (group_M[kept], rank_M[kept])
        ids_GK[place] = self.id_M[order][kept]
        values_GK[place] = 1.0 if self.value_M is None else self.value_M[order][kept]
        return (ids_GK, values_GK) if self.group_R is None else (ids_GK[self.group_R], values_GK[self.group_R])

    def part(self, rows: slice) -> Tokens:
        """The same field of consecutive rows."""
        if self.group_R is not None:
            return Tokens(self.start_G, self.id_M, self.value_M, self.group_R[rows])
        start_G = self.start_G[rows.start : rows.stop + 1]
        tokens = slice(int(start_G[0]), int(start_G[-1]))
        value_M = None if self.value_M is None else self.value_M[tokens]
        return Tokens(start_G - start_G[0], self.id_M[tokens], value_M)


@dataclass(frozen=True)
class LogTable:
    """Fields of impressions and of sessions, labels, and which sessions are whose split."""

    of_rows: dict[str, Tokens]
    of_sessions: dict[str, Tokens]
    first_id: dict[
        str, int
    ]  # of each field's block: ids of two fields mean the same where they are equally far from it
    session_N: Ints
    key_S: Ints  # of each session, unique, unsigned
    click_N: NDArray[np.bool_]
    purchase_N: NDArray[np.bool_]
    sessions: dict[SplitName, slice]
    rows: dict[SplitName, slice]


def log_table(log: TrueLog, seed: int) -> LogTable:
    """The log as raw ids and values.

    Args:
        log: What was simulated.
        seed: Its seed, of which the sessions' keys are a function.
    """
    people, goods, actions = log.people, log.goods, log.actions
    sizes = {
        "101": len(people.rows_U), "205": len(goods.category_I), "206": goods.num_categories, "207": goods.num_shops,
        "216": goods.num_brands, "508": goods.num_categories, "109_14": goods.num_categories,
        "509": goods.num_shops, "110_14": goods.num_shops, "702": goods.num_brands, "127_14": goods.num_brands,
        "210": goods.num_topics * POOL, "853": goods.num_topics * POOL, "150_14": goods.num_topics * POOL,
    }  # fmt: skip
    ends = np.cumsum([sizes.get(name, 100) for name in ID_NAMES])
    base = dict(zip(ID_NAMES, [1, *(ends[:-1] + 1).tolist()], strict=True))

    of_items = {
        "205": np.arange(len(goods.category_I)),
        "206": goods.category_I,
        "207": goods.shop_I,
        "216": goods.brand_I,
    }
    of_rows = {name: _single(code_I[log.item_N], base[name]) for name, code_I in of_items.items()}
    of_rows["301"] = _single(log.scene_N, base["301"])
    for name, code_N in actions.code_N.items():
        of_rows[name] = _single(code_N, base[name], actions.count_N[name])
    of_rows["210"] = _item_intentions(log, base["210"])
    start_N = np.searchsorted(actions.intention_row_M, np.arange(len(log.item_N) + 1))
    of_rows["853"] = Tokens(start_N, actions.intention_code_M + base["853"], _logs(actions.intention_count_M))

    of_users = {name: _single(code_U, base[name]) for name, code_U in people.fields.items()}
    of_users |= {name: _of_history(history, base[name]) for name, history in actions.histories.items()}
    sessions, rows = _splits(people.length_S)
    return LogTable(
        of_rows={name: of_rows[name] for name in SKELETON_FIELDS},
        of_sessions={
            name: Tokens(of_users[name].start_G, of_users[name].id_M, of_users[name].value_M, people.user_S)
            for name in COMMON_FIELDS
        },
        first_id=base,
        session_N=people.session_N,
        key_S=_keys(len(people.length_S), seed),
        click_N=log.behaviour.click_N,
        purchase_N=log.behaviour.purchase_N,
        sessions=sessions,
        rows=rows,
    )


def _single(code_R: Ints, base: int, count_R: Floats | None = None) -> Tokens:
    has_R = code_R != MISSING_CODE
    start_R = np.concatenate([[0], np.cumsum(has_R)])
    return Tokens(start_R, code_R[has_R] + base, None if count_R is None else _logs(count_R[has_R]))


def _of_history(history: History, base: int) -> Tokens:
    return Tokens(history.start_U, history.code_M + base, _logs(history.count_M))


def _item_intentions(log: TrueLog, base: int) -> Tokens:
    goods = log.goods
    count_N = goods.num_nodes_I[log.item_N]
    start_N = np.concatenate([[0], np.cumsum(count_N)])
    step_M = np.arange(start_N[-1]) - np.repeat(start_N[:-1], count_N)
    node_M = (np.repeat(goods.first_node_I[log.item_N], count_N) + step_M) % POOL
    return Tokens(start_N, np.repeat(goods.topic_I[log.item_N], count_N) * POOL + node_M + base)


def _logs(count_M: Floats) -> Floats:
    return np.asarray(np.log1p(count_M).round(_DECIMALS))


def _splits(length_S: Ints) -> tuple[dict[SplitName, slice], dict[SplitName, slice]]:
    """Sessions and rows of each split; nobody's session is in two."""
    edge_S = np.concatenate([[0], np.cumsum(length_S)])
    last = len(length_S)
    first_cut, second_cut = (int(np.searchsorted(edge_S, share * edge_S[-1])) for share in _SHARES)
    first_cut = min(max(first_cut, 1), last - 2)
    second_cut = min(max(second_cut, first_cut + 1), last - 1)
    names: tuple[SplitName, ...] = ("train", "validation", "test")
    cuts = (0, first_cut, second_cut, last)
    sessions = {name: slice(start, stop) for name, start, stop in zip(names, cuts[:-1], cuts[1:], strict=True)}
    rows = {name: slice(int(edge_S[part.start]), int(edge_S[part.stop])) for name, part in sessions.items()}
    return sessions, rows


def _keys(num_sessions: int, seed: int) -> Ints:
    """A 64-bit number per session; splitmix64 is one to one, so no two are alike."""
    mixed = np.arange(num_sessions, dtype=np.uint64) + np.uint64(seed) * np.uint64(2**32)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
