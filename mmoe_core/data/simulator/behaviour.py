"""From reasons to probabilities: utilities whose correlation is the dial's, and what an unobserved mood adds.

Shape suffixes in this file:
    N impressions   T tasks   Q quadrature nodes
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

__all__ = ["Behaviour", "Response", "behave", "correlated", "lowest_common_correlation", "task_factor", "whitened"]

Floats = NDArray[np.float64]

_NODES = 24  # of the quadrature; exact to 1e-9 for weights of satisfaction up to 1, to 1e-4 up to 3
_CHUNK = 16_384  # rows at a time, so that their nodes stay in the cache


@dataclass(frozen=True)
class Response:
    """How a utility becomes a probability: sigma(b + steepness f(U) + satisfaction z), f(U) = U + wave sin 2U."""

    rate: float
    steepness: float
    wave: float
    satisfaction: float


@dataclass(frozen=True)
class Behaviour:
    """Probabilities given all but the mood z, which is integrated out; and labels, drawn with one mood per row."""

    click_probability_N: Floats
    purchase_probability_N: Floats  # of click and purchase
    click_N: NDArray[np.bool_]
    purchase_N: NDArray[np.bool_]


def whitened(drive_NT: Floats) -> Floats:
    """Columns with mean 0, variance 1 and no correlation; the first keeps its direction."""
    centred_NT = drive_NT - drive_NT.mean(axis=0)
    basis, triangle = np.linalg.qr(centred_NT)
    scale = np.sqrt(len(drive_NT)) * np.sign(np.diag(triangle))
    return np.asarray(basis * scale)


def task_factor(correlation_TT: Floats) -> Floats:
    """The lower Cholesky factor of a correlation matrix; semidefinite ones have one too, with zero columns.

    Raises:
        ValueError: no utilities can have these correlations; says how far the smallest eigenvalue is below 0.
    """
    lowest = float(np.linalg.eigvalsh(correlation_TT)[0])
    if lowest < -1e-9:
        raise ValueError(f"no such correlations exist: their matrix has an eigenvalue of {lowest:.3g}")
    factor_TT = np.zeros_like(correlation_TT)
    for column in range(len(correlation_TT)):
        rest = correlation_TT[column:, column] - factor_TT[column:, :column] @ factor_TT[column, :column]
        pivot = np.sqrt(max(float(rest[0]), 0.0))
        factor_TT[column:, column] = rest / pivot if pivot > 1e-9 else 0.0
    return factor_TT


def lowest_common_correlation(num_tasks: int) -> float:
    """How negatively so many utilities can correlate with each other, all pairs alike."""
    return -1 / (num_tasks - 1)


def correlated(drive_NT: Floats, correlation_TT: Floats) -> Floats:
    """Utilities with mean 0, variance 1 and exactly these correlations; the first is the first drive, standardised."""
    return np.asarray(whitened(drive_NT) @ task_factor(correlation_TT).T)


def behave(utility_NT: Floats, click: Response, purchase: Response, rng: np.random.Generator) -> Behaviour:
    """Click, and purchase after a click. The same mood moves both; nobody observes it.

    Args:
        utility_NT: Of the click, and of the purchase given a click.
        click: Its rate is clicks per impression.
        purchase: Its rate is purchases per click.
        rng: Draws moods and labels.
    """
    node_Q, weight_Q = np.polynomial.hermite_e.hermegauss(_NODES)
    weight_Q = weight_Q / weight_Q.sum()
    logit_N, other_N = _bent(utility_NT[:, 0], click), _bent(utility_NT[:, 1], purchase)

    def clicks(b: float) -> tuple[Floats, Floats]:
        return _integrated(logit_N + b, click.satisfaction * node_Q, weight_Q)

    def purchases(b: float) -> tuple[Floats, Floats]:
        given = (logit_N + base, click.satisfaction * node_Q)
        return _integrated(other_N + b, purchase.satisfaction * node_Q, weight_Q, given)

    base, p_click_N = _with_mean(clicks, click.rate)
    other_base, p_purchase_N = _with_mean(purchases, click.rate * purchase.rate)
    mood_N = rng.standard_normal(len(utility_NT))
    click_N = rng.random(len(mood_N)) < expit(base + logit_N + click.satisfaction * mood_N)
    bought_N = rng.random(len(mood_N)) < expit(other_base + other_N + purchase.satisfaction * mood_N)
    return Behaviour(p_click_N, p_purchase_N, click_N, click_N & bought_N)


def _bent(utility_N: Floats, response: Response) -> Floats:
    return np.asarray(response.steepness * (utility_N + response.wave * np.sin(2 * utility_N)))


def _integrated(
    logit_N: Floats, shift_Q: Floats, weight_Q: Floats, given: tuple[Floats, Floats] | None = None
) -> tuple[Floats, Floats]:
    """E sigma(logit + shift) over the mood, times the other's sigma where given; and its slope in the logit."""
    mean_N, slope_N = np.empty_like(logit_N), np.empty_like(logit_N)
    for start in range(0, len(logit_N), _CHUNK):
        rows = slice(start, start + _CHUNK)
        p_QN = expit(logit_N[rows] + shift_Q[:, None])
        slope_QN = p_QN * (1 - p_QN)
        if given is not None:
            other_QN = expit(given[0][rows] + given[1][:, None])
            p_QN, slope_QN = p_QN * other_QN, slope_QN * other_QN
        mean_N[rows], slope_N[rows] = weight_Q @ p_QN, weight_Q @ slope_QN
    return mean_N, slope_N


def _with_mean(of_base: Callable[[float], tuple[Floats, Floats]], rate: float) -> tuple[float, Floats]:
    """The base that gives the wanted mean probability, by Newton's steps on the logarithm of the mean."""
    base = float(np.log(rate) - 1)
    for _ in range(50):
        p_N, slope_N = of_base(base)
        mean = float(p_N.mean())
        if abs(mean / rate - 1) < 1e-9:
            break
        base += float(np.clip(np.log(rate / mean) * mean / slope_N.mean(), -2, 2))
    return base, p_N
