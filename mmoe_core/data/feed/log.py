"""From a feed to a log: impressions and what was done with them.

Shape suffixes in this file:
    N impressions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...config import SimulatedFeed
from .behaviours import BEHAVIOURS, DWELL_SPREAD, Behaviour, Behaviours, Feed, Impressions, draw_feed, draw_impressions

__all__ = ["FeedLog", "draw_log", "simulate_feed"]


@dataclass(frozen=True)
class FeedLog:
    """What was shown and done, and what only the simulator knows.

    Attributes:
        feed: The world it happened in.
        shown: The impressions.
        behaviours: Their satisfaction and true probabilities.
        did_N: Whether each behaviour happened; all others need a click.
        dwell_N: ln(dwell / 30 s), NaN without a click; above 0 is a long view.
    """

    feed: Feed
    shown: Impressions
    behaviours: Behaviours
    did_N: Mapping[Behaviour, NDArray[np.bool_]]
    dwell_N: NDArray[np.float64]


def simulate_feed(config: SimulatedFeed) -> FeedLog:
    """Draw a log. Equal dials give equal rows; turning the bait dial alone keeps people, items and impressions."""
    feed = draw_feed(config)
    return draw_log(feed, config.num_rows, seed=config.seed)


def draw_log(feed: Feed, num_rows: int, *, seed: int) -> FeedLog:
    """Draw a log in a feed as it is, for instance one that creators have changed."""
    of_impressions, of_labels = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3)[1:])
    shown = draw_impressions(feed.world, num_rows, of_impressions)
    behaviours = feed.behave(shown)
    of_click_N = behaviours.probability_N["click"]
    click_N = of_labels.random(num_rows) < of_click_N
    dwell_N = behaviours.dwell_mean_N + DWELL_SPREAD * of_labels.standard_normal(num_rows)
    did_N: dict[Behaviour, NDArray[np.bool_]] = {"click": click_N, "long_view": click_N & (dwell_N > 0)}
    for name in BEHAVIOURS:
        if name not in did_N:
            after_click_N = behaviours.probability_N[name] / of_click_N
            did_N[name] = click_N & (of_labels.random(num_rows) < after_click_N)
    return FeedLog(feed, shown, behaviours, did_N, dwell_N=np.where(click_N, dwell_N, np.nan))
