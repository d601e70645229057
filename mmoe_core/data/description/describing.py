"""Everything that is said of a dataset before anybody trains on it.

Counts come from the manifest. What needs rows looks at all of them, or at evenly spaced ones where there are many, so
that 40 million rows take seconds and little memory; only rows per session need every row, and there one number of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...config import Schema
from ..dataset import Dataset
from ..manifest import Manifest
from .fields import FieldSummary, summarise_fields
from .groups import RowsPer, rows_per_group
from .labels import LabelCorrelation, LabelSummary, correlate_labels, correlate_with, summarise_labels

__all__ = ["Description", "describe"]

_MOST_ROWS = 200_000  # of a split; more would move no number visibly


@dataclass(frozen=True)
class Description:
    """What a dataset holds.

    Attributes:
        schema: Fields and tasks.
        manifest: Counts, origin, warnings.
        looked_at: How many evenly spaced rows of train the numbers below rest on; all where there are not more.
        labels: Every task in every split.
        correlations: Every pair of tasks, in train.
        latents: What only the simulator knows → its correlation with each task's label in train; None if undefined.
        fields: Every field, ids first.
        rows_per: How many rows share a session, or else a user; None where the dataset knows neither.
    """

    schema: Schema
    manifest: Manifest
    looked_at: int
    labels: tuple[LabelSummary, ...]
    correlations: tuple[LabelCorrelation, ...]
    latents: Mapping[str, Mapping[str, float | None]]
    fields: tuple[FieldSummary, ...]
    rows_per: RowsPer | None


def describe(dataset: Dataset) -> Description:
    """Look at a dataset.

    Raises:
        DatasetError: a file of it is missing or was changed.
    """
    schema, manifest, train = dataset.schema, dataset.manifest, dataset.split("train")
    rows_B = _evenly_spaced(len(train))
    labels_BT, observed_BT = np.asarray(train.labels_NT[rows_B]), np.asarray(train.observed_NT[rows_B])
    labels: list[LabelSummary] = []
    for name in manifest.rows:
        split = dataset.split(name)
        labels += summarise_labels(schema, manifest, split, _evenly_spaced(len(split)))
    validation = dataset.split("validation")
    return Description(
        schema=schema,
        manifest=manifest,
        looked_at=len(rows_B),
        labels=tuple(labels),
        correlations=tuple(correlate_labels(schema.task_names, labels_BT, observed_BT)),
        latents={
            name: correlate_with(dataset.latent("train", name)[rows_B], schema.task_names, labels_BT, observed_BT)
            for name in dataset.latents
        },
        fields=tuple(
            summarise_fields(
                schema,
                manifest.scaling,
                judged=validation.pick(_evenly_spaced(len(validation))),
                values_BD=np.asarray(train.dense_ND[rows_B]),
            )
        ),
        rows_per=rows_per_group(train),
    )


def _evenly_spaced(num_rows: int) -> np.ndarray:
    """Row numbers, ascending: all, or `_MOST_ROWS` with equal steps between."""
    most = min(num_rows, _MOST_ROWS)
    return np.arange(most, dtype=np.int64) * num_rows // max(most, 1)
