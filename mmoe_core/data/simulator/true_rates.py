"""A log at the real one's rates: who comes, what is shown, what the history says, and why people click.

Shape suffixes in this file:
    N impressions   U users   I items   T tasks (click, purchase)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...config import SimulatedAliCcp
from . import published
from .actions import Actions, draw_actions
from .behaviour import Behaviour, Response, behave, correlated
from .goods import Goods, draw_goods
from .mechanisms import standardised
from .population import Population, along_a_ruler, draw_population
from .profiles import TRUE_RATES, Mechanism

__all__ = ["TrueLog", "simulate_true_rates"]

Floats = NDArray[np.float64]

_TASTES = 7  # kinds of categories, from common to rare, each liked at an age
_SCENE_EFFECT = np.array([1.0, 0.4, 0.0])  # of the three scenes, in the order of their codes


@dataclass(frozen=True)
class TrueLog:
    """What was shown and done, and what only the simulator knows."""

    people: Population
    goods: Goods
    item_N: NDArray[np.int64]
    scene_N: NDArray[np.int64]
    actions: Actions
    segment_N: NDArray[np.int64]
    utility_NT: Floats
    behaviour: Behaviour


def simulate_true_rates(config: SimulatedAliCcp) -> TrueLog:
    """Draw a log. Equal dials give equal rows; turning rho alone keeps people, impressions and clicks."""
    of_people, of_goods, of_actions, of_reasons, of_labels = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence(config.seed).spawn(5)
    )
    people = draw_population(config.num_rows, of_people)
    goods, item_N = draw_goods(config.num_rows, of_goods)
    scene_N = along_a_ruler(np.ones(config.num_rows, np.int64), _scene_shares(), of_goods)
    actions = draw_actions(people, goods, item_N, of_actions)

    segment_N = people.fields["127"].clip(min=0)[people.user_N]
    drive_NT = _drives(config.hidden, people, goods, item_N, scene_N, actions, segment_N, of_reasons)
    utility_NT = correlated(drive_NT, np.array([[1, config.rho], [config.rho, 1]], dtype=np.float64))
    behaviour = behave(
        utility_NT,
        Response(published.CTR, TRUE_RATES.click_steepness, config.nonlinearity, config.satisfaction),
        Response(published.CVR, TRUE_RATES.purchase_steepness, config.nonlinearity, config.satisfaction),
        of_labels,
    )
    return TrueLog(people, goods, item_N, scene_N, actions, segment_N, utility_NT, behaviour)


def _scene_shares() -> tuple[float, ...]:
    shares = np.array(published.SCENES) / sum(published.SCENES)
    return tuple(float(share) for share in shares)


def _drives(
    hidden: float,
    people: Population,
    goods: Goods,
    item_N: NDArray[np.int64],
    scene_N: NDArray[np.int64],
    actions: Actions,
    segment_N: NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """What moves click and purchase: reasons that a row shows openly, and others that only ids could tell."""
    reasons = _open_reasons(people, goods, item_N, scene_N, actions)
    user_N, num_users, num_items = people.user_N, len(people.rows_U), len(goods.category_I)
    open_NT = np.empty((len(item_N), 2))
    for index, segment in enumerate(TRUE_RATES.segments):
        rows = segment_N == index
        for task, pair in enumerate((segment.click, segment.purchase)):
            open_NT[rows, task] = reasons[pair[0]][rows] + reasons[pair[1]][rows]

    def told_by_ids() -> Floats:
        mood_U, appeal_I = rng.standard_normal(num_users), rng.standard_normal(num_items)
        return standardised(mood_U[user_N] + appeal_I[item_N])

    tired_N = standardised(np.log(people.length_S[people.session_N]))
    fatigue = TRUE_RATES.fatigue
    click_N, purchase_N = (
        np.sqrt(1 - hidden) * standardised(open_NT[:, task]) + np.sqrt(hidden) * told_by_ids() for task in range(2)
    )
    return np.stack([np.sqrt(1 - fatigue**2) * click_N - fatigue * tired_N, purchase_N], axis=1)


def _open_reasons(
    people: Population, goods: Goods, item_N: NDArray[np.int64], scene_N: NDArray[np.int64], actions: Actions
) -> Mapping[Mechanism, Floats]:
    """The mechanisms as numbers of mean 0 and variance 1 that fields of the row give away."""
    user_N = people.user_N
    age_N = people.fields["125"][user_N]
    kind_N = np.sqrt(goods.category_I[item_N] / goods.num_categories) * _TASTES
    taste_N = np.where(age_N >= 0, np.cos(2 * np.pi * (age_N - kind_N) / _TASTES), 0)
    budget_N = people.fields["126"][user_N]
    level_N = goods.shop_I[item_N] * 3 // goods.num_shops
    match_N = np.where(budget_N >= 0, -np.abs(budget_N - level_N), -1)
    brand_N = np.log1p(actions.count_N["509"]) + np.log1p(actions.count_N["702"])
    return {
        "affinity": standardised(taste_N),
        "price_match": standardised(match_N + 0.5 * np.log1p(brand_N)),
        "history": standardised(np.log1p(actions.count_N["508"])),
        "position": standardised(_SCENE_EFFECT[scene_N]),
    }
