"""A simulated feed beside what it promises: rates, labels that follow their probabilities, laws.

Shape suffixes in this file:
    N impressions
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ...config import SimulatedFeed
from ...metrics import auc, auc_standard_error, expected_auc
from ..marks import Mark
from .behaviours import BEHAVIOURS, DWELL_SPREAD
from .log import FeedLog, simulate_feed

__all__ = ["check_feed"]

_ROWS = 100_000  # from here on rates are as near as written; below, they stray by the square root of what is missing
_RATE_TOLERANCE = 0.05  # of a rate, since intercepts are fitted once, on other impressions
_ERRORS = 4  # standard errors that a drawn number may be off


def check_feed(config: SimulatedFeed) -> list[Mark]:
    """Simulate a feed and compare it with what its dials say."""
    log = simulate_feed(config)
    return [*_laws(log), *_rates(log), *_labels(log), *_dwell(log)]


def _laws(log: FeedLog) -> Iterator[Mark]:
    click_N = log.did_N["click"]
    for name, did_N in log.did_N.items():
        if name != "click":
            yield Mark("{task} without click", 0, float((did_N & ~click_N).sum()), 0, {"task": name})
    is_long_N = np.nan_to_num(log.dwell_N, nan=-1.0) > 0
    yield Mark("long views that are not 30 s of dwell", 0, float((is_long_N != log.did_N["long_view"]).sum()), 0)


def _rates(log: FeedLog) -> Iterator[Mark]:
    wider = max(1.0, (_ROWS / len(log.shown)) ** 0.5)
    for name, rate in BEHAVIOURS.items():
        mean = float(log.behaviours.probability_N[name].mean())
        tolerance = _RATE_TOLERANCE * rate * wider
        yield Mark("share of impressions with {task}, expected", rate, mean, tolerance, {"task": name}, is_share=True)


def _labels(log: FeedLog) -> Iterator[Mark]:
    for name, truth_N in log.behaviours.probability_N.items():
        did_N = log.did_N[name]
        spread = float(np.sqrt((truth_N * (1 - truth_N)).mean() / len(truth_N)))
        mean, share, task = float(truth_N.mean()), float(did_N.mean()), {"task": name}
        yield Mark("share of impressions with {task}, drawn", mean, share, _ERRORS * spread, task, is_share=True)
        best, found = expected_auc(truth_N, truth_N), auc(did_N, truth_N)
        if best is None or found is None:  # a short log without any
            continue
        error = auc_standard_error(best, float(did_N.sum()), float((~did_N).sum()))
        yield Mark("best possible AUC of {task}, drawn", best, found, _ERRORS * (error or 1.0), task)


def _dwell(log: FeedLog) -> Iterator[Mark]:
    click_N = log.did_N["click"]
    error_N = (log.dwell_N - log.behaviours.dwell_mean_N)[click_N]
    yield Mark(
        "spread of ln(dwell) around its mean",
        DWELL_SPREAD,
        float(error_N.std()),
        _ERRORS * DWELL_SPREAD / math.sqrt(2 * len(error_N)),
    )
