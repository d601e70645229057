"""A row as it would be if it said something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..errors import DatasetError
from .dataset import Dataset
from .encoding import scaled
from .rows import Rows

__all__ = ["changed_row"]


def changed_row(dataset: Dataset, row: Rows, changes: Mapping[str, str]) -> Rows:
    """One row with some fields saying something else; of a field with several ids, all become one.

    Args:
        dataset: Whose row it is.
        row: One row.
        changes: By field: an id field's label, or a number in raw units.

    Raises:
        DatasetError: there is no such field or label, or a value is no number that can be scaled.
    """
    schema = dataset.schema
    ids = [field.name for field in schema.id_fields]
    values = [field.name for field in schema.value_fields]
    ids_BK, dense_BV = row.ids_BK.copy(), row.dense_BV.copy()
    weights_BK = None if row.weights_BK is None else row.weights_BK.copy()
    for name, text in changes.items():
        if name in ids:
            place, columns = ids.index(name), schema.id_columns[ids.index(name)]
            ids_BK[0, columns] = schema.offsets[place]
            ids_BK[0, columns.start] += _local_id(dataset, name, text)
            if weights_BK is not None:
                weights_BK[0, columns] = 0
                weights_BK[0, columns.start] = 1
        elif name in values:
            dense_BV[0, values.index(name)] = _scaled(dataset, name, text)
        else:
            raise DatasetError(
                "{dataset} has no field '{field}'. Choose one of {fields}.",
                dataset=dataset.name,
                field=name,
                fields=", ".join(schema.field_names),
            )
    return replace(row, ids_BK=ids_BK, dense_BV=dense_BV, weights_BK=weights_BK)


def _local_id(dataset: Dataset, name: str, text: str) -> int:
    found = np.flatnonzero(dataset.vocabulary(name) == text)
    if not len(found):
        raise DatasetError(
            "The field '{field}' of {dataset} knows no value '{value}'. Choose one that its vocabulary has.",
            field=name,
            dataset=dataset.name,
            value=text,
        )
    return int(found[0])


def _scaled(dataset: Dataset, name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    scaling = dataset.manifest.scaling[name]
    if not math.isfinite(number) or (scaling.is_log and number <= -1):
        raise DatasetError(
            "The field '{field}' of {dataset} takes a number that its scaling can read; '{value}' is none.",
            field=name,
            dataset=dataset.name,
            value=text,
        )
    return float(scaled(np.array([number]), scaling)[0])
