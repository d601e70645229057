"""A run's gates over time, from its snapshots: the same mean gates as frames, one row per step.

Shape suffixes in this file:
    R readers   E experts
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..metrics import effective_experts, js_distance
from ..records import GateLevel, GateSnapshot

__all__ = ["distance_over_time", "effective_experts_over_time", "keep_largest", "level_usage", "usage_over_time"]


def level_usage(level: GateLevel) -> pd.DataFrame:
    """Mean gate weight of one snapshot: one row per reader, one column per expert; rows sum to 1."""
    return pd.DataFrame(level.mean_RE, index=pd.Index(level.readers, name="reader"), columns=pd.Index(level.experts))


def usage_over_time(snapshots: Sequence[GateSnapshot], *, level: int = -1) -> dict[str, pd.DataFrame]:
    """Reader → mean gate weight, one row per snapshot step, one column per expert.

    Args:
        snapshots: In order.
        level: Which gates; the last ones are the tasks'.
    """
    if not snapshots:
        return {}
    first = snapshots[0].levels[level]
    steps = pd.Index([snapshot.step for snapshot in snapshots], name="step")
    return {
        reader: pd.DataFrame(
            [snapshot.levels[level].mean_RE[place] for snapshot in snapshots],
            index=steps,
            columns=pd.Index(first.experts),
        )
        for place, reader in enumerate(first.readers)
    }


def effective_experts_over_time(snapshots: Sequence[GateSnapshot], *, level: int = -1) -> pd.DataFrame:
    """exp(entropy) of each reader's mean gate: one row per step, one column per reader; 1 to E."""
    film = usage_over_time(snapshots, level=level)
    return pd.DataFrame(
        {reader: [effective_experts(mean_E) for mean_E in frame.to_numpy()] for reader, frame in film.items()},
        index=next(iter(film.values())).index if film else None,
    )


def distance_over_time(snapshots: Sequence[GateSnapshot], *, level: int = -1) -> pd.Series:
    """Jensen-Shannon distance between the readers' mean gates (mean over pairs) by step; empty with one reader."""
    film = list(usage_over_time(snapshots, level=level).values())
    pairs = list(combinations((frame.to_numpy() for frame in film), 2))
    if not pairs:
        return pd.Series(dtype=float)
    distances = [[js_distance(p_E, q_E) for p_E, q_E in zip(one, other, strict=True)] for one, other in pairs]
    return pd.Series(np.mean(distances, axis=0), index=film[0].index)


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
