"""What the labels say: how often, how large, and which of them go together.

Shape suffixes in this file:
    B rows looked at   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...config import Frozen, LabelSpace, Schema
from ..manifest import Manifest, SplitName
from ..rows import Split

__all__ = ["LabelCorrelation", "LabelSummary", "correlate_labels", "correlate_with", "summarise_labels"]


class LabelSummary(Frozen):
    """One task in one split; `None` where a number has no meaning."""

    task: str
    label_space: LabelSpace
    split: SplitName
    rows: int  # on which it is observed, of the whole split
    positives: int | None  # of a binary task, in the whole split
    mean: float | None  # of a regression's observed labels, in the units that are learnt
    sd: float | None


class LabelCorrelation(Frozen):
    """Pearson's correlation of two labels, over the rows looked at on which both are observed."""

    task: str
    other: str
    rows: int
    correlation: float | None  # undefined where one of the two is the same on all these rows


def summarise_labels(
    schema: Schema, manifest: Manifest, split: Split, rows_B: NDArray[np.int64]
) -> Iterator[LabelSummary]:
    """Every task of a split: positives as the manifest counted them, moments from the rows given.

    Where a label is read after a click only, its positives are counted anew: a purchase without one is none of them.
    """
    for column, task in enumerate(schema.tasks):
        observed_N = split.observed_NT[:, column]
        observed = split.labels_NT[rows_B, column][observed_N[rows_B]]
        positives = manifest.positives[split.name].get(task.name)
        if positives is not None and task.observed_if is not None:
            positives = int(np.count_nonzero(split.labels_NT[observed_N, column]))
        has_moments = task.kind == "regression" and len(observed) > 0
        yield LabelSummary(
            task=task.name,
            label_space=task.label_space,
            split=split.name,
            rows=int(np.count_nonzero(observed_N)),
            positives=positives,
            mean=float(observed.mean(dtype=np.float64)) if has_moments else None,
            sd=float(observed.std(dtype=np.float64)) if has_moments else None,
        )


def correlate_labels(
    tasks: Sequence[str], labels_BT: np.ndarray, observed_BT: np.ndarray
) -> Iterator[LabelCorrelation]:
    """Every pair of tasks, in the order of the labels' columns."""
    for (one, task), (two, other) in combinations(enumerate(tasks), 2):
        both_B = observed_BT[:, one] & observed_BT[:, two]
        found = _pearson(labels_BT[both_B, one], labels_BT[both_B, two])
        yield LabelCorrelation(task=task, other=other, rows=int(both_B.sum()), correlation=found)


def correlate_with(
    latent_B: np.ndarray, tasks: Sequence[str], labels_BT: np.ndarray, observed_BT: np.ndarray
) -> dict[str, float | None]:
    """The correlation of something known of each row with each task's observed labels."""
    return {
        task: _pearson(latent_B[observed_B], labels_B[observed_B])
        for task, labels_B, observed_B in zip(tasks, labels_BT.T, observed_BT.T, strict=True)
    }


def _pearson(one: np.ndarray, other: np.ndarray) -> float | None:
    if not len(one) or one.min() == one.max() or other.min() == other.max():
        return None
    from_mean, from_its_mean = (values.astype(np.float64) - values.mean(dtype=np.float64) for values in (one, other))
    found = from_mean @ from_its_mean / np.sqrt((from_mean @ from_mean) * (from_its_mean @ from_its_mean))
    return float(np.clip(found, -1, 1)) if np.isfinite(found) else None
