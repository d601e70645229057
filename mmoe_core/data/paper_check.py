"""The MMoE paper's tasks beside what their dials say, and beside what is known of their labels' correlation.

Shape suffixes in this file:
    T tasks   N rows
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from ..config import MmoePaper
from .marks import Mark
from .paper import Regressions, draw_regressions

__all__ = ["LABEL_CORRELATIONS", "check_regressions"]

LABEL_CORRELATIONS: Mapping[float, tuple[float, float]] = {
    0.5: (0.32, 0.12),
    0.75: (0.60, 0.12),
    0.9: (0.80, 0.07),
    1.0: (0.99, 0.03),
}
"""p → Pearson correlation of two tasks' labels with m = 10 and c = 1, and its spread between draws."""

_FUNCTION = ("num_waves", "scale", "alpha_spread", "beta_spread", "noise")
_DRAWS, _DRAWN_ROWS = 40, 2_000
_ERRORS = 4  # standard errors that a drawn number may be off


def check_regressions(config: MmoePaper) -> list[Mark]:
    """Draw the tasks and compare them with what their dials say."""
    return [*_tasks(config, draw_regressions(config)), *_correlations(config)]


def _tasks(config: MmoePaper, drawn: Regressions) -> Iterator[Mark]:
    length_T = np.linalg.norm(drawn.weights_TD, axis=1)
    cosine_TT = np.asarray(drawn.weights_TD @ drawn.weights_TD.T / np.outer(length_T, length_T))
    num_train = round(0.8 * config.num_rows)
    for task in range(config.num_tasks):
        name = f"y{task + 1}"
        for other in range(task):
            pair = {"one": f"w{other + 1}", "other": f"w{task + 1}"}
            yield Mark("cosine of {one} and {other}", config.correlation, float(cosine_TT[task, other]), 1e-6, pair)
        weights, tolerance = {"weights": f"w{task + 1}"}, 1e-6 * config.scale
        yield Mark("length of {weights}", config.scale, float(length_T[task]), tolerance, weights)
        train_N = drawn.labels_TN[task, :num_train]
        yield Mark("mean of {task} in train", 0, float(train_N.mean()), 1e-9, {"task": name})
        yield Mark("variance of {task} in train", 1, float(train_N.var()), 1e-9, {"task": name})
        noise_N = (drawn.labels_TN[task] - drawn.mean_TN[task]) * drawn.scaling[task].scale
        tolerance = _ERRORS * config.noise * math.sqrt(2 / config.num_rows) + 1e-12
        yield Mark("variance of the noise of {task}", config.noise, float(noise_N.var()), tolerance, {"task": name})


def _correlations(config: MmoePaper) -> Iterator[Mark]:
    """Where the dials are those of the published table: a mean over draws of functions and inputs."""
    standard = MmoePaper()
    is_turned = any(getattr(config, dial) != getattr(standard, dial) for dial in _FUNCTION)
    if is_turned or config.correlation not in LABEL_CORRELATIONS:
        return
    smaller = config.model_copy(update={"num_rows": _DRAWN_ROWS, "num_tasks": 2})
    drawn = (draw_regressions(smaller.model_copy(update={"seed": seed})) for seed in range(_DRAWS))
    found = [float(np.asarray(np.corrcoef(one.labels_TN))[0, 1]) for one in drawn]
    mean, spread = LABEL_CORRELATIONS[config.correlation]
    draws = {"draws": _DRAWS}
    yield Mark("correlation of two tasks' labels, mean of {draws} draws", mean, float(np.mean(found)), spread, draws)
