"""One log of actions per user; his four histories are counts over it, and four fields of a row look them up.

An action names a category, a shop, a brand or none, and some intentions of a topic, which share its count. So the
counts over categories and over shops add up to the same number, and what a row says of its item's category, shop,
brand and intentions is in the history, by construction.

Shape suffixes in this file:
    N impressions   U users   P pairs   M members of a history   A actions   J intentions of an item
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import published
from .acquaintance import Ints, Pairs, Sets, choose, quantile_positions, ranks_within, sizes_with_mean
from .goods import POOL, Goods
from .population import Population

__all__ = ["Actions", "History", "draw_actions"]

Floats = NDArray[np.float64]

_KNOWN_NODES = 6  # of a topic's ring a user has so many in a row, or less
_ACTIVITY_SD = 0.45  # of the logarithm of a user's number of actions
_HIGHEST_UNSEEN, _LESSER = 0.985, 2.2  # places of counts: up to here, to this power
_ACTIVITY_BY_ROWS = 0.6  # who is shown more has done more, by this power
_TOPIC_SD = 1.0  # of the logarithm of how often a user turns to a topic
_BARE_ACTIONS = 60  # of a user whose categories and shops are no longer known


@dataclass(frozen=True)
class History:
    """Tokens of all users, sorted by user and code."""

    start_U: Ints  # U + 1
    code_M: Ints
    count_M: Floats


@dataclass(frozen=True)
class Actions:
    """Histories by field, and what each row looks up."""

    histories: dict[str, History]
    code_N: dict[str, Ints]  # 508, 509, 702: -1 = not in the history
    count_N: dict[str, Floats]  # 0 = not in the history
    intention_row_M: Ints  # tokens of 853, sorted by row
    intention_code_M: Ints
    intention_count_M: Floats


@dataclass(frozen=True)
class _Entries:
    user_A: Ints  # sorted
    category_A: Ints  # index of the member of the user's set, -1 = not known; so are the next two
    shop_A: Ints
    brand_A: Ints
    count_A: Floats


def draw_actions(people: Population, goods: Goods, item_N: Ints, rng: np.random.Generator) -> Actions:
    """Draw every user's log so that as many rows find their item in it as in the real log, by the same counts."""
    user_N = people.user_N
    has_shops_N, has_actions_N = people.has_shops_U[user_N], people.has_actions_U[user_N]
    num_rows = len(item_N)
    shops = Pairs(user_N, goods.shop_I[item_N], has_shops_N, goods.num_shops)
    categories = Pairs(user_N, goods.category_I[item_N], has_shops_N, goods.num_categories)
    brands = Pairs(user_N, goods.brand_I[item_N], has_shops_N, goods.num_brands)

    known_P = choose(shops.weight_P, published.PRESENCE["509"] * num_rows, rng)
    seen_I = item_N[shops.first_row_P[known_P]]  # where a known shop was met: an action was on this item
    seen_U = shops.key_P[known_P] // goods.num_shops
    place_K = quantile_positions(shops.weight_P[known_P], rng)
    count_K = _count("509", place_K)

    seen_category_K = categories.find(seen_U, goods.category_I[seen_I])
    with_brand = goods.brand_I[seen_I] >= 0
    seen_brand_K = np.where(with_brand, brands.find(seen_U, goods.brand_I[seen_I].clip(min=0)), -1)
    known_category_P = choose(
        categories.weight_P,
        published.PRESENCE["508"] * num_rows,
        rng,
        favour=1.5,
        first_P=_is_in(seen_category_K, len(categories.key_P)),
    )
    known_brand_P = choose(
        brands.weight_P,
        published.PRESENCE["702"] * num_rows,
        rng,
        first_P=_is_in(seen_brand_K[with_brand], len(brands.key_P)),
    )
    drawn_U = np.exp(_ACTIVITY_SD * rng.standard_normal(len(people.rows_U)))
    activity_U = drawn_U * people.rows_U**_ACTIVITY_BY_ROWS * people.has_shops_U

    def grown(pairs: Pairs, known: NDArray[np.bool_], field: str, least_U: Ints | int = 0) -> Sets:
        has_U = np.bincount(pairs.key_P[known] // pairs.num_codes, minlength=len(activity_U))
        size_U = sizes_with_mean(
            activity_U, np.maximum(has_U + least_U, people.has_shops_U), people.rows_U, published.HISTORIES[field]
        )
        return Sets.drawn(known, pairs, size_U - has_U, rng)

    category = grown(categories, known_category_P, "109_14")
    brand = grown(brands, known_brand_P, "127_14")

    # Who of these is not reached by an action at a known shop needs one at another shop.
    category_K = category.find(categories.key_P[seen_category_K])
    brand_K = np.where(with_brand, brand.find(brands.key_P[seen_brand_K.clip(min=0)]), -1) if len(brands.key_P) else -1
    brand_K = np.broadcast_to(brand_K, with_brand.shape)
    idle_category = np.flatnonzero(~_is_in(category_K[category_K >= 0], len(category.code_M)))
    missing_M = _missing_counts(brand, brands, brand_K, place_K, count_K, rng)
    idle_brand = np.flatnonzero(missing_M >= 1)
    num_users = len(people.rows_U)
    need_U = np.maximum(
        np.bincount(category.user_M[idle_category], minlength=num_users),
        np.bincount(brand.user_M[idle_brand], minlength=num_users),
    )
    shop = grown(shops, known_P, "110_14", need_U)

    met = shop.find(shops.key_P[known_P])
    other = np.flatnonzero(~_is_in(met, len(shop.code_M)))
    other_brand = _jobs(shop.user_M[other], brand.user_M[idle_brand], idle_brand, num_users)
    other_category = _jobs(shop.user_M[other], category.user_M[idle_category], idle_category, num_users)
    free = other_category < 0
    other_category[free] = _any_member(category, shop.user_M[other[free]], rng)
    # A known shop whose category or brand the choice had no room for takes part with another category, no brand.
    category_met = np.where(category_K >= 0, category_K, _any_member(category, seen_U, rng))

    num_actions = len(shop.code_M)
    category_A, brand_A, count_A = np.empty(num_actions, np.int64), np.full(num_actions, -1), np.empty(num_actions)
    category_A[met], category_A[other] = category_met, other_category
    brand_A[met], brand_A[other] = brand_K, other_brand
    count_A[met] = count_K
    count_A[other] = np.where(
        other_brand >= 0,
        missing_M[other_brand.clip(min=0)] if len(missing_M) else 1,
        _count("509", _unseen(len(other), rng)),
    )
    entries = _with_bare(_Entries(shop.user_M, category_A, np.arange(num_actions), brand_A, count_A), people, rng)

    histories = {
        field: _history(sets, index_A, entries.count_A)
        for field, sets, index_A in (
            ("109_14", category, entries.category_A),
            ("110_14", shop, entries.shop_A),
            ("127_14", brand, entries.brand_A),
        )
    }
    code_N, count_N = {}, {}
    for field, history, sets, pairs in (
        ("508", "109_14", category, categories),
        ("509", "110_14", shop, shops),
        ("702", "127_14", brand, brands),
    ):
        member_P = sets.find(pairs.key_P)
        member_N = np.where(pairs.pair_N >= 0, np.append(member_P, -1)[pairs.pair_N], -1)
        code_N[field] = np.where(member_N >= 0, np.append(sets.code_M, -1)[member_N], -1)
        count_N[field] = np.where(member_N >= 0, np.append(histories[history].count_M, 0.0)[member_N], 0.0)
    histories["150_14"], tokens = _intentions(people, goods, item_N, has_actions_N, activity_U, entries, rng)
    return Actions(histories, code_N, count_N, *tokens)


def _missing_counts(
    brand: Sets, brands: Pairs, brand_K: Ints, place_K: Floats, count_K: Floats, rng: np.random.Generator
) -> Floats:
    """Of each brand's count what its actions at known shops do not bring.

    The count is drawn at the place of the best of these shops, or, without any, at a place of its own.
    """
    has = brand_K >= 0
    place_M = _unseen(len(brand.code_M), rng)
    member_P = brand.find(brands.key_P)
    shown = member_P >= 0
    place_M[member_P[shown]] = quantile_positions(brands.weight_P[shown], rng)
    best_M = np.full(len(brand.code_M), -1.0)
    np.maximum.at(best_M, brand_K[has], place_K[has])
    brought_M = np.bincount(brand_K[has], weights=count_K[has], minlength=len(brand.code_M))
    return np.asarray(_count("702", np.where(best_M >= 0, best_M, place_M)) - brought_M)


def _with_bare(entries: _Entries, people: Population, rng: np.random.Generator) -> _Entries:
    """And the actions of users of whom only intentions are left."""
    user_A = np.repeat(np.flatnonzero(people.has_actions_U & ~people.has_shops_U), _BARE_ACTIONS)
    nothing = np.full(len(user_A), -1)
    return _Entries(
        np.concatenate([entries.user_A, user_A]),
        np.concatenate([entries.category_A, nothing]),
        np.concatenate([entries.shop_A, nothing]),
        np.concatenate([entries.brand_A, nothing]),
        np.concatenate([entries.count_A, _count("509", _unseen(len(user_A), rng))]),
    )


def _intentions(
    people: Population,
    goods: Goods,
    item_N: Ints,
    counts_N: NDArray[np.bool_],
    activity_U: Floats,
    entries: _Entries,
    rng: np.random.Generator,
) -> tuple[History, tuple[Ints, Ints, Floats]]:
    """The history of intentions, and the tokens of it that each row's item shares: row, code, count."""
    user_N, topic_N = people.user_N, goods.topic_I[item_N]
    offset_N = _ring_offset(user_N, topic_N)
    place_NJ = (goods.first_node_I[item_N] - offset_N)[:, None] + np.arange(goods.num_nodes_I.max())
    place_NJ %= POOL
    is_node_NJ = np.arange(place_NJ.shape[1]) < goods.num_nodes_I[item_N][:, None]
    is_node_NJ &= place_NJ < _KNOWN_NODES
    pairs = Pairs(user_N, topic_N, counts_N & is_node_NJ.any(axis=1), goods.num_topics)
    known_P = choose(pairs.weight_P, published.PRESENCE["853"] * len(item_N), rng, favour=1.5)

    mean = published.HISTORIES["150_14"] / _KNOWN_NODES
    has_U = np.bincount(pairs.key_P[known_P] // goods.num_topics, minlength=len(activity_U))
    active_U = np.where(people.has_actions_U, np.maximum(activity_U, 0.3), 0)
    size_U = sizes_with_mean(active_U, np.maximum(has_U, people.has_actions_U), people.rows_U, mean)
    topic = Sets.drawn(known_P, pairs, size_U - has_U, rng)

    member_A = _jobs(entries.user_A, topic.user_M, np.arange(len(topic.code_M)), len(activity_U))
    free = member_A < 0
    weight_M = np.exp(_TOPIC_SD * rng.standard_normal(len(topic.code_M)))
    member_A[free] = _any_member(topic, entries.user_A[free], rng, weight_M)
    num_A = rng.integers(1, _KNOWN_NODES + 1, size=len(member_A))
    num_A[~free] = _KNOWN_NODES  # the first action of a topic touches all
    first_A = rng.integers(_KNOWN_NODES, size=len(member_A))
    share_A = entries.count_A / num_A
    count_M = np.zeros(len(topic.code_M) * _KNOWN_NODES)
    for step in range(_KNOWN_NODES):
        on = num_A > step
        cell = member_A[on] * _KNOWN_NODES + (first_A[on] + step) % _KNOWN_NODES
        count_M += np.bincount(cell, weights=share_A[on], minlength=len(count_M))

    member_P = topic.find(pairs.key_P)
    member_N = np.where(pairs.pair_N >= 0, np.append(member_P, -1)[pairs.pair_N], -1)
    is_node_NJ &= (member_N >= 0)[:, None]
    row_M, step_M = np.nonzero(is_node_NJ)
    place_M = place_NJ[row_M, step_M]
    found_M = count_M[member_N[row_M] * _KNOWN_NODES + place_M]
    kept = found_M > 0
    row_M, place_M, found_M = row_M[kept], place_M[kept], found_M[kept]
    code_M = topic_N[row_M] * POOL + (place_M + offset_N[row_M]) % POOL

    touched = np.flatnonzero(count_M)
    of, place = np.divmod(touched, _KNOWN_NODES)
    user = topic.user_M[of]
    code = topic.code_M[of] * POOL + (place + _ring_offset(user, topic.code_M[of])) % POOL
    start_U = np.searchsorted(user, np.arange(len(people.rows_U) + 1))
    order = np.lexsort((code, user))
    return History(start_U, code[order], count_M[touched][order]), (row_M, code_M, found_M)


def _ring_offset(user: Ints, topic: Ints) -> Ints:
    """Where in a topic's ring a user's own nodes begin."""
    return np.asarray((user * 7919 + topic * 104_729) // 97 % POOL)


def _history(sets: Sets, index_A: Ints, count_A: Floats) -> History:
    on = index_A >= 0
    count_M = np.bincount(index_A[on], weights=count_A[on], minlength=len(sets.code_M))
    return History(sets.start_U, sets.code_M, count_M.astype(np.float64))


def _any_member(sets: Sets, user_Q: Ints, rng: np.random.Generator, weight_M: Floats | None = None) -> Ints:
    """A member of each user's set, by weight."""
    edge = np.concatenate([[0.0], np.cumsum(np.ones(len(sets.code_M)) if weight_M is None else weight_M)])
    low_Q, high_Q = edge[sets.start_U[user_Q]], edge[sets.start_U[user_Q + 1]]
    drawn_Q = np.searchsorted(edge, low_Q + rng.random(len(user_Q)) * (high_Q - low_Q), side="right") - 1
    return np.asarray(drawn_Q.clip(sets.start_U[user_Q], sets.start_U[user_Q + 1] - 1))


def _jobs(user_Q: Ints, user_J: Ints, job_J: Ints, num_users: int) -> Ints:
    """Each user's jobs handed to the first of his; -1 = none left. Both are sorted by user."""
    start_U = np.searchsorted(user_J, np.arange(num_users + 1))
    rank_Q = ranks_within(user_Q)
    has = rank_Q < np.diff(start_U)[user_Q]
    job_Q = np.full(len(user_Q), -1)
    job_Q[has] = job_J[start_U[user_Q[has]] + rank_Q[has]]
    return job_Q


def _is_in(index: Ints, size: int) -> NDArray[np.bool_]:
    found = np.zeros(size, np.bool_)
    found[index] = True
    return found


def _unseen(size: int, rng: np.random.Generator) -> Floats:
    """Places of counts of what is not shown again: people come back to what they use most."""
    return np.asarray((_HIGHEST_UNSEEN * rng.random(size)) ** _LESSER)


def _count(field: str, place: Floats) -> Floats:
    """How often, at a place of the real log's distribution: a whole number from 1."""
    logs = np.interp(place, published.QUANTILE_LEVELS, published.VALUE_QUANTILES[field])
    return np.maximum(np.rint(np.expm1(logs)), 1.0)
