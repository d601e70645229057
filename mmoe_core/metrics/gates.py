"""What a gate's weights look like: how spread, how far apart, how much they know about a row.

Shape suffixes in this file:
    B rows   R readers   E experts   K histogram bins
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..records import HISTOGRAM_BINS, GateLevel

__all__ = [
    "effective_experts",
    "entropy_nats",
    "gate_level",
    "js_distance",
    "js_distances",
    "mutual_information_bits",
]

_DIGITS = 6  # of a recorded weight: finer than any screen, and half the bytes


def entropy_nats(weights: ArrayLike) -> NDArray[np.float64]:
    """Entropy over the last axis, in nats; 0 for a gate that always picks one expert."""
    p = np.asarray(weights, dtype=np.float64)
    return -np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1)  # type: ignore[no-any-return]


def effective_experts(weights_E: ArrayLike) -> float:
    """exp(entropy): 1 if one expert has all the weight, E if all have the same."""
    return math.exp(float(entropy_nats(weights_E)))


def js_distance(p_E: ArrayLike, q_E: ArrayLike) -> float:
    """Jensen-Shannon distance: square root of the base-2 divergence; 0 for equal distributions, 1 for disjoint ones."""
    return float(js_distances(p_E, q_E))


def js_distances(p_XE: ArrayLike, q_XE: ArrayLike) -> NDArray[np.float64]:
    """`js_distance` over the last axis of many pairs at once, shape (X,); exactly 0 where both are equal."""
    p, q = np.asarray(p_XE, dtype=np.float64), np.asarray(q_XE, dtype=np.float64)
    divergence_bits = (entropy_nats((p + q) / 2) - (entropy_nats(p) + entropy_nats(q)) / 2) / math.log(2)
    is_equal = (p == q).all(axis=-1)
    return np.asarray(np.sqrt(np.where(is_equal, 0.0, np.clip(divergence_bits, 0, 1))))


def mutual_information_bits(a: ArrayLike, b: ArrayLike) -> float:
    """Mutual information of two columns of labels, in bits, from their counts on the given rows.

    Counts overstate it by about (A - 1)(B - 1) / (2 N ln 2) bits where the columns are independent.

    Args:
        a: Any comparable labels, shape (N,).
        b: Any comparable labels, shape (N,).
    """
    _, a_codes = np.unique(np.asarray(a), return_inverse=True)
    _, b_codes = np.unique(np.asarray(b), return_inverse=True)
    if a_codes.size == 0:
        return 0.0
    shape = int(a_codes.max()) + 1, int(b_codes.max()) + 1
    joint = np.bincount(a_codes * shape[1] + b_codes, minlength=shape[0] * shape[1]).reshape(shape) / a_codes.size
    apart = entropy_nats(joint.sum(axis=1)) + entropy_nats(joint.sum(axis=0))
    return max(0.0, float(apart - entropy_nats(joint.ravel()))) / math.log(2)


def gate_level(readers: Sequence[str], experts: Sequence[str], weights_BRE: NDArray[np.floating]) -> GateLevel:
    """Mean, standard deviation and histogram over the rows, as the record of one level of gates."""
    num_readers, num_experts = weights_BRE.shape[1:]
    bins_BRE = np.minimum((weights_BRE * HISTOGRAM_BINS).astype(np.int64), HISTOGRAM_BINS - 1)
    cells_RE = np.arange(num_readers * num_experts).reshape(num_readers, num_experts) * HISTOGRAM_BINS
    counts = np.bincount((bins_BRE + cells_RE).ravel(), minlength=num_readers * num_experts * HISTOGRAM_BINS)
    histogram_REK = counts.reshape(num_readers, num_experts, HISTOGRAM_BINS)
    return GateLevel(
        readers=tuple(readers),
        experts=tuple(experts),
        mean_RE=_rows(weights_BRE.mean(axis=0, dtype=np.float64)),
        sd_RE=_rows(weights_BRE.std(axis=0, dtype=np.float64)),
        histogram_REK=tuple(tuple(tuple(bins) for bins in reader) for reader in histogram_REK.tolist()),
    )


def _rows(values_RE: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.round(values_RE, _DIGITS).tolist())
