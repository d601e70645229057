"""The four raw files of Ali-CCP, their fields, and where a field's tokens stand in a row of numbers.

Files have no header. A line of a skeleton file is `sample_id,click,purchase,key,feature_num,features`, a line of a
common file `key,feature_num,features`; features are joined by \\x01, and one is `field \\x02 id \\x03 value`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Literal

import numpy as np

from ...errors import DatasetError
from ..ali_ccp_schema import ID_NAMES, VALUE_NAMES

__all__ = [
    "COMMON_FIELDS",
    "MANY_VALUED",
    "NO_FIELD",
    "PARTS",
    "SKELETON_FIELDS",
    "Part",
    "Side",
    "raw_file",
    "raw_files",
]

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
MANY_VALUED = ("109_14", "110_14", "127_14", "150_14", "210", "853")
_VALUED = frozenset(name.removeprefix("D") for name in VALUE_NAMES) | {"210"}
SKELETON_FIELDS = ("205", "206", "207", "210", "216", "508", "509", "702", "853", "301")
COMMON_FIELDS = tuple(name for name in ID_NAMES if name not in SKELETON_FIELDS)
NO_FIELD = -1
_CODES = 1 << 16  # field ids are below, written without "_"


@dataclass(frozen=True)
class Side:
    """One kind of line as a row of numbers: ids (-1 where there is no token), and values where values say something.

    Attributes:
        fields: Names, in the order of their columns.
        num_tokens: How many tokens of each are kept: those with the highest values.
    """

    fields: tuple[str, ...]
    num_tokens: tuple[int, ...]

    @property
    def id_starts(self) -> np.ndarray:
        """First id column of each field, and where the last one ends."""
        return np.array([0, *accumulate(self.num_tokens)])

    @property
    def value_starts(self) -> np.ndarray:
        """First value column of each field, and where the last one ends; fields without values have none."""
        widths = (k if field in _VALUED else 0 for field, k in zip(self.fields, self.num_tokens, strict=True))
        return np.array([0, *accumulate(widths)])

    def ids_of(self, field: str) -> slice:
        """The id columns of a field."""
        return _span(self.id_starts, self.fields.index(field))

    def values_of(self, field: str) -> slice:
        """The value columns of a field."""
        return _span(self.value_starts, self.fields.index(field))

    @property
    def field_of_code(self) -> np.ndarray:
        """Place in `fields` of each field id, read as a number without its "_"; `NO_FIELD` for unknown ones."""
        places = np.full(_CODES, NO_FIELD, np.int8)
        for place, field in enumerate(self.fields):
            places[int(field.replace("_", ""))] = place
        return places


def _span(starts: np.ndarray, index: int) -> slice:
    return slice(int(starts[index]), int(starts[index + 1]))


def raw_file(folder: Path, kind: Literal["sample_skeleton", "common_features"], part: Part) -> Path:
    """One of the four files, plain or gzipped.

    Raises:
        DatasetError: it is not there.
    """
    name = f"{kind}_{part}.csv"
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DatasetError(
        "'{folder}' has no {file} (nor {file}.gz). The raw Ali-CCP log is four files: sample_skeleton_train.csv, "
        "common_features_train.csv, sample_skeleton_test.csv, common_features_test.csv. Nothing was imported.",
        folder=folder.name,
        file=name,
    )


def raw_files(folder: Path) -> list[Path]:
    """All four files.

    Raises:
        DatasetError: one is not there.
    """
    return [raw_file(folder, kind, part) for part in PARTS for kind in ("sample_skeleton", "common_features")]
