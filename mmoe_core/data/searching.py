"""Rows and labels looked for: which rows say something, which labels hold what somebody typed, how far values go.

Shape suffixes in this file:
    N rows of a split   B rows found   K ids of a field
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from .browsing import field_values
from .dataset import Dataset
from .manifest import SplitName
from .rows import Split

__all__ = ["find_labels", "positive_rows", "rows_that_say", "value_range"]


def rows_that_say(dataset: Dataset, split: SplitName, field: str, said: str) -> NDArray[np.int64]:
    """The rows on which a field says something, in order.

    Args:
        dataset: Where the rows are.
        split: Which of its splits.
        field: An id field (any of its ids may say it), a value field (`said` is one of its fifths), or `segment`.
        said: As `field_values` says it.

    Raises:
        DatasetError: the dataset has no such field, or no row of it could ever say so.
    """
    arrays = dataset.split(split)
    if field not in (one.name for one in dataset.schema.id_fields):
        return np.flatnonzero(field_values(dataset, split, field, np.arange(len(arrays))) == said)
    known = np.flatnonzero(dataset.vocabulary(field) == said)
    if not len(known):
        raise DatasetError(
            "The field '{field}' of {dataset} knows no value '{value}'. Choose one that its vocabulary has.",
            field=field,
            dataset=dataset.name,
            value=said,
        )
    local_NK, weights_NK = arrays.tokens(field, slice(None))
    return np.flatnonzero(((local_NK == known[0]) & (weights_NK > 0)).any(axis=1))


def positive_rows(split: Split, task: int) -> NDArray[np.int64]:
    """The rows on which a task, by its place, was observed to happen."""
    return np.flatnonzero(split.observed_NT[:, task] & (split.labels_NT[:, task] == 1))


def find_labels(labels: NDArray[np.str_], typed: str, most: int) -> list[int]:
    """Places of the labels that hold what was typed: the same one first, then those that begin with it, then the rest.

    Args:
        labels: A field's vocabulary; its padding is never found.
        typed: Any text; capitals do not matter.
        most: How many.
    """
    wanted = typed.strip()
    held = np.flatnonzero(np.strings.find(labels, wanted) >= 0)
    if not len(held):
        held = np.flatnonzero(np.strings.find(np.strings.lower(labels), wanted.lower()) >= 0)
    held = held[held > 0]
    found = labels[held]
    rank = np.where(found == wanted, 0, np.where(np.strings.startswith(found, wanted), 1, 2))
    return [int(place) for place in held[np.argsort(rank, kind="stable")][:most]]


def value_range(dataset: Dataset, field: str) -> tuple[float, float]:
    """The least and the largest value of a value field in train, in raw units."""
    names = [one.name for one in dataset.schema.value_fields]
    values_N = dataset.split("train").dense_ND[:, names.index(field)]
    raw = dataset.manifest.scaling[field].raw
    return raw(float(values_N.min())), raw(float(values_N.max()))
