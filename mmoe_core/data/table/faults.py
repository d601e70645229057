"""What is wrong with the cells of a table: the first place of each fault, and how many rows have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from ...errors import DatasetError
from .cells import shown_cell
from .opening import TableFile

__all__ = ["Fault", "Faults"]

Fault = Literal["text", "value", "negative", "binary", "regression", "time"]


@dataclass
class _Found:
    row: int
    cell: str
    count: int


class Faults:
    """Gathers faults over the batches of a file."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Fault], _Found] = {}

    def note(self, fault: Fault, name: str, is_bad_N: np.ndarray, start: int, cells: Callable[[], pa.Array]) -> None:
        """Remember the bad cells of a batch.

        Args:
            fault: What is wrong with them.
            name: Of the column.
            is_bad_N: Which rows of the batch.
            start: Rows of the file before the batch.
            cells: The column, asked for only to show a cell.
        """
        count = int(is_bad_N.sum())
        if not count:
            return
        before = self._found.get((name, fault))
        if before is not None:
            before.count += count
            return
        first = int(is_bad_N.argmax())
        self._found[name, fault] = _Found(start + first + 2, shown_cell(cells(), first), count)

    def refuse(self, file: TableFile) -> None:
        """Refuse the file for its first faulty row.

        Raises:
            DatasetError: there was one.
        """
        if not self._found:
            return
        name, fault = min(self._found, key=lambda place: self._found[place].row)
        found = self._found[name, fault]
        place: dict[str, str | int | float] = {
            "file": file.path.name,
            "column": name,
            "row": found.row,
            "found": found.cell,
            "count": found.count,
        }
        raise _refusal(fault, place)


def _refusal(fault: Fault, place: dict[str, str | int | float]) -> DatasetError:
    """The sentence of a fault."""
    match fault:
        case "text":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: '{found}' is no UTF-8 text (such rows: {count:,}). "
                "Save the table as "
                "UTF-8, leave the column out, or import with 'drop bad rows'. Nothing was imported.",
                **place,
            )
        case "value":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: the value '{found}' is not a finite number (such rows: "
                "{count:,}). "
                "Leave cells empty where nothing is known, use the column as ids, or import with 'drop bad rows'. "
                "Nothing was imported.",
                **place,
            )
        case "negative":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: the value '{found}' is below 0 and has no logarithm "
                "(such rows: {count:,}). Use the column without 'log', or import with 'drop bad rows'. Nothing "
                "was imported.",
                **place,
            )
        case "binary":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: the label '{found}' is not 0 or 1 (such rows: {count:,}). "
                "Correct these rows, say when the label is observed, use it for regression, or import with "
                "'drop bad rows'. "
                "Nothing was imported.",
                **place,
            )
        case "regression":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: the label '{found}' is not a finite number (such rows: "
                "{count:,}). "
                "Correct these rows, say when the label is observed, or import with 'drop bad rows'. Nothing "
                "was imported.",
                **place,
            )
        case "time":
            return DatasetError(
                "{file}, column '{column}', row {row:,}: '{found}' is no moment (such rows: {count:,}). Write "
                "numbers, or "
                "dates such as 2026-05-01 12:00:00, or import with 'drop bad rows'. Nothing was imported.",
                **place,
            )
