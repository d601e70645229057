"""What one level of gates does on the probe rows.

A gate weight is not an expert's importance (experts differ in scale), and experts have no identity across seeds:
compare runs by what does not depend on the numbering (entropy, distance, information).

Shape suffixes in this file:
    B rows   R readers (tasks, or experts of the next level)   E experts
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..metrics import effective_experts, entropy_nats, js_distance, mutual_information_bits

__all__ = [
    "distance_between_segments",
    "expert_usage",
    "gate_distance",
    "gate_statistics",
    "segment_information_bits",
    "usage_by_segment",
]

Gates = NDArray[np.floating]


def expert_usage(gates_BRE: Gates, readers: Sequence[str], experts: Sequence[str]) -> pd.DataFrame:
    """Mean gate weight: one row per reader, one column per expert; rows sum to 1."""
    return pd.DataFrame(_mean(gates_BRE), index=pd.Index(readers, name="reader"), columns=pd.Index(experts))


def usage_by_segment(
    gates_BRE: Gates, readers: Sequence[str], experts: Sequence[str], segments: ArrayLike
) -> pd.DataFrame:
    """Mean gate weight within each segment.

    Args:
        gates_BRE: Gate weights on the probe rows.
        readers: R names.
        experts: E names.
        segments: What each row belongs to, shape (B,); any comparable labels.

    Returns:
        One row per (segment, reader), segments in ascending order, one column per expert; rows sum to 1. Column
        `rows` has how many rows the segment has.
    """
    segments_B = np.asarray(segments)
    parts = {}
    for segment in np.unique(segments_B):
        inside_B = segments_B == segment
        inside = expert_usage(gates_BRE[inside_B], readers, experts)
        parts[segment] = inside.assign(rows=int(inside_B.sum()))
    usage: pd.DataFrame = pd.concat(parts, names=["segment"])
    return usage


def distance_between_segments(usage: pd.DataFrame, one: str, other: str) -> dict[str, float]:
    """Jensen-Shannon distance between a reader's mean gates in two segments, by reader.

    Args:
        usage: From `usage_by_segment`.
        one: A segment.
        other: Another.
    """
    weights = usage.drop(columns="rows")
    readers = weights.index.get_level_values(1).unique()
    return {str(reader): js_distance(weights.loc[(one, reader)], weights.loc[(other, reader)]) for reader in readers}


def gate_statistics(gates_BRE: Gates, readers: Sequence[str], experts: Sequence[str]) -> pd.DataFrame:
    """How decided each reader's gate is: one row per reader.

    Columns:
        entropy_nats: Mean over the rows of each row's entropy; 0 = one expert per row, ln E = all alike.
        effective_experts: Mean over the rows of exp(entropy): how many experts a row hears.
        effective_experts_overall: exp(entropy) of the mean gate: how many experts are heard at all. Far above the
            column before: different rows hear different experts.
        top_expert: The expert with the largest mean weight.
        top_share: That weight.
    """
    entropies_BR = entropy_nats(gates_BRE)
    mean_RE = _mean(gates_BRE)
    return pd.DataFrame(
        {
            "entropy_nats": entropies_BR.mean(axis=0),
            "effective_experts": np.exp(entropies_BR).mean(axis=0),
            "effective_experts_overall": [effective_experts(mean_E) for mean_E in mean_RE],
            "top_expert": [experts[top] for top in mean_RE.argmax(axis=1)],
            "top_share": mean_RE.max(axis=1),
        },
        index=pd.Index(readers, name="reader"),
    )


def gate_distance(gates_BRE: Gates) -> float | None:
    """Mean of the distances between two readers' mean gates; with two tasks, their distance. `None` with one reader."""
    pairs = list(combinations(_mean(gates_BRE), 2))
    return sum(js_distance(one, other) for one, other in pairs) / len(pairs) if pairs else None


def segment_information_bits(gates_BRE: Gates, readers: Sequence[str], segments: ArrayLike) -> dict[str, float]:
    """What a row's top expert tells about its segment, in bits, by reader; at most log2 of the number of segments."""
    top_BR = gates_BRE.argmax(axis=2)
    return {reader: mutual_information_bits(top_BR[:, r], segments) for r, reader in enumerate(readers)}


def _mean(gates_BRE: Gates) -> NDArray[np.float64]:
    mean_RE: NDArray[np.float64] = gates_BRE.mean(axis=0, dtype=np.float64)
    return mean_RE
