"""Gate snapshots over training as frames: each reader's mean gate by step, and what follows from it.

Shape suffixes in this file:
    B rows   N snapshots   R readers   E experts   K histogram bins
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..metrics import entropy_nats, js_distances
from ..records import GateLevel, GateSnapshot

__all__ = [
    "Measure",
    "distance_matrix",
    "distance_over_time",
    "effective_experts_over_time",
    "keep_largest",
    "level_usage",
    "rows_over_time",
    "thin_out",
    "usage_over_time",
]

Measure = Literal["mean", "sd"]


def level_usage(level: GateLevel, measure: Measure = "mean") -> pd.DataFrame:
    """Gate weight of one snapshot over its rows: one row per reader, one column per expert; rows of means sum to 1."""
    return pd.DataFrame(
        level.mean_RE if measure == "mean" else level.sd_RE,
        index=pd.Index(level.readers, name="reader"),
        columns=pd.Index(level.experts),
    )


def thin_out(snapshots: Sequence[GateSnapshot], most: int) -> list[GateSnapshot]:
    """At most so many, evenly spaced, the first and the last among them."""
    if len(snapshots) <= most:
        return list(snapshots)
    places = np.linspace(0, len(snapshots) - 1, most).round().astype(int)
    return [snapshots[place] for place in places]


def usage_over_time(
    snapshots: Sequence[GateSnapshot], *, level: int = -1, measure: Measure = "mean"
) -> dict[str, pd.DataFrame]:
    """Reader → gate weight over the rows, one row per snapshot step, one column per expert.

    Args:
        snapshots: In order.
        level: Which gates; the last ones are the tasks'.
        measure: Its mean, or its standard deviation.
    """
    if not snapshots:
        return {}
    first = snapshots[0].levels[level]
    found_NRE = _stacked(snapshots, level, measure)
    steps, experts = _steps(snapshots), pd.Index(first.experts)
    return {
        reader: pd.DataFrame(found_NRE[:, place], index=steps, columns=experts)
        for place, reader in enumerate(first.readers)
    }


def effective_experts_over_time(snapshots: Sequence[GateSnapshot], *, level: int = -1) -> pd.DataFrame:
    """exp(entropy) of each reader's mean gate: one row per step, one column per reader; 1 to E."""
    if not snapshots:
        return pd.DataFrame()
    effective_NR = np.exp(entropy_nats(_stacked(snapshots, level, "mean")))
    return pd.DataFrame(effective_NR, index=_steps(snapshots), columns=list(snapshots[0].levels[level].readers))


def distance_over_time(snapshots: Sequence[GateSnapshot], *, level: int = -1) -> pd.Series:
    """Jensen-Shannon distance between the readers' mean gates (mean over pairs) by step; empty with one reader."""
    if not snapshots or len(snapshots[0].levels[level].readers) < 2:
        return pd.Series(dtype=float)
    mean_NRE = _stacked(snapshots, level, "mean")
    ones, others = zip(*combinations(range(mean_NRE.shape[1]), 2), strict=True)
    distances_NP = js_distances(mean_NRE[:, list(ones)], mean_NRE[:, list(others)])
    return pd.Series(distances_NP.mean(axis=1), index=_steps(snapshots))


def distance_matrix(level: GateLevel) -> pd.DataFrame:
    """Jensen-Shannon distance between the mean gates of any two readers of one snapshot; 0 on the diagonal."""
    mean_RE = np.asarray(level.mean_RE)
    distances_RR = js_distances(mean_RE[:, None], mean_RE[None])
    return pd.DataFrame(distances_RR, index=list(level.readers), columns=list(level.readers))


def rows_over_time(snapshots: Sequence[GateSnapshot], *, reader: str, expert: str, level: int = -1) -> pd.DataFrame:
    """How one reader's weight of one expert is spread over the rows: share of rows by bin.

    Returns:
        One row per snapshot step; one column per bin, named by the bin's middle, from 0 to 1; rows sum to 1.
    """
    first = snapshots[0].levels[level]
    r, e = first.readers.index(reader), first.experts.index(expert)
    rows_NK = np.array([snapshot.levels[level].histogram_REK[r][e] for snapshot in snapshots], dtype=np.float64)
    middles = (np.arange(rows_NK.shape[1]) + 0.5) / rows_NK.shape[1]
    shares_NK = rows_NK / np.maximum(1, rows_NK.sum(axis=1, keepdims=True))
    return pd.DataFrame(shares_NK, index=_steps(snapshots), columns=middles)


def keep_largest(values: ArrayLike, count: int, *, rest: str) -> NDArray[np.str_]:
    """The most frequent values as they are, all others under one name, so that a picture stays readable.

    Args:
        values: Text, shape (B,).
        count: How many values keep their name.
        rest: Name of all others.
    """
    values_B = np.asarray(values, dtype=np.str_)
    names, counts = np.unique(values_B, return_counts=True)
    kept = names[np.argsort(-counts, kind="stable")[:count]]
    return np.asarray(np.where(np.isin(values_B, kept), values_B, rest), dtype=np.str_)


def _stacked(snapshots: Sequence[GateSnapshot], level: int, measure: Measure) -> NDArray[np.float64]:
    """All snapshots' numbers, (N, R, E)."""
    levels = [snapshot.levels[level] for snapshot in snapshots]
    return np.array([one.mean_RE if measure == "mean" else one.sd_RE for one in levels], dtype=np.float64)


def _steps(snapshots: Sequence[GateSnapshot]) -> pd.Index:
    return pd.Index([snapshot.step for snapshot in snapshots], name="step")
