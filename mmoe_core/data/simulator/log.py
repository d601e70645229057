"""From a world to a log: impressions, utilities, probabilities, labels.

Shape suffixes in this file:
    N impressions
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ...config import SimulatedAliCcp
from .mechanisms import MECHANISMS, Impressions, standardised
from .profiles import PROFILES, Mechanism, Profile
from .world import World, draw_world

__all__ = ["Log", "simulate"]


@dataclass(frozen=True)
class Log:
    """What was shown and done, and what only the simulator knows: utilities and probabilities."""

    profile: Profile
    world: World
    shown: Impressions
    segment_N: np.ndarray
    click_utility_N: np.ndarray
    purchase_utility_N: np.ndarray  # of purchasing, given the click
    click_probability_N: np.ndarray
    purchase_probability_N: np.ndarray  # given the click
    click_N: np.ndarray
    purchase_N: np.ndarray  # after a click only


def simulate(config: SimulatedAliCcp) -> Log:
    """Draw a log. Equal dials give equal rows; turning rho alone keeps world, impressions and clicks."""
    profile = PROFILES["classroom"]
    of_world, of_impressions, of_labels = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence(config.seed).spawn(3)
    )
    world = draw_world(profile, of_world)
    shown = _draw_impressions(profile, world, config.num_rows, of_impressions)
    segment_N = world.segment_U[shown.user_N]
    click_utility_N, purchase_utility_N = _utilities(profile, world, shown, segment_N, config.rho)

    p_click_N = _probabilities(
        profile, config.nonlinearity, click_utility_N, profile.ctr, weights_N=np.ones(len(shown))
    )
    p_purchase_N = _probabilities(profile, config.nonlinearity, purchase_utility_N, profile.cvr, weights_N=p_click_N)
    click_N = of_labels.random(len(shown)) < p_click_N
    purchase_N = click_N & (of_labels.random(len(shown)) < p_purchase_N)
    return Log(
        profile=profile,
        world=world,
        shown=shown,
        segment_N=segment_N,
        click_utility_N=click_utility_N,
        purchase_utility_N=purchase_utility_N,
        click_probability_N=p_click_N,
        purchase_probability_N=p_purchase_N,
        click_N=click_N,
        purchase_N=purchase_N,
    )


def _draw_impressions(profile: Profile, world: World, num_rows: int, rng: np.random.Generator) -> Impressions:
    return Impressions(
        user_N=rng.integers(profile.num_users, size=num_rows),
        item_N=rng.choice(profile.num_items, size=num_rows, p=world.exposure_I),
        position_N=rng.integers(profile.num_positions, size=num_rows),
    )


def _utilities(
    profile: Profile, world: World, shown: Impressions, segment_N: np.ndarray, rho: float
) -> tuple[np.ndarray, np.ndarray]:
    """Click and purchase utility of each impression; in every segment both have variance 1 and correlation rho."""
    mechanism_N = {name: standardised(of(world, shown)) for name, of in MECHANISMS.items()}
    click_N, purchase_N = np.empty(len(shown)), np.empty(len(shown))
    for index, segment in enumerate(profile.segments):
        rows = segment_N == index

        def drive(pair: tuple[Mechanism, Mechanism], rows: np.ndarray = rows) -> np.ndarray:
            return standardised(mechanism_N[pair[0]][rows] + mechanism_N[pair[1]][rows])

        click = drive(segment.click)
        own = drive(segment.purchase)
        orthogonal = standardised(own - np.mean(own * click) * click)
        click_N[rows] = click
        purchase_N[rows] = rho * click + np.sqrt(1 - rho**2) * orthogonal
    return click_N, purchase_N


def _probabilities(
    profile: Profile, wave: float, utility_N: np.ndarray, rate: float, weights_N: np.ndarray
) -> np.ndarray:
    """sigma(b + k f(U)), f(U) = U + wave sin 2U, with b such that the weighted mean probability is `rate`."""
    logit_N = profile.steepness * (utility_N + wave * np.sin(2 * utility_N))
    b = brentq(lambda b: np.average(expit(b + logit_N), weights=weights_N) - rate, -60, 60, xtol=1e-9)
    return np.asarray(expit(b + logit_N))
