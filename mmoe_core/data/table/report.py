"""A first look at somebody's table: what each column seems to hold, from a bounded number of rows; nothing is written.

Shape suffixes in this file:
    N rows looked at
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...config import Frozen
from ...errors import DatasetError
from ..manifest import DataWarning
from ..progress import OnProgress, Steps
from .cells import shown_cell, to_numbers, to_texts, to_times
from .mapping import Delimiter
from .opening import TableFile, open_table
from .reading import Ragged, read_batches

__all__ = ["LOOKING", "ColumnKind", "ColumnReport", "TableReport", "look"]

ColumnKind = Literal["empty", "yes or no", "whole number", "number", "moment", "text", "mixed", "lists"]

LOOKING = "Reading the first rows"
_MOST_ROWS = 200_000
_MOST_BYTES = 64 << 20
_NUM_EXAMPLES = 5
_MOSTLY = 0.5  # of the cells are numbers, and some are not: mixed
_LONGEST_NAME = 64


class ColumnReport(Frozen):
    """What one column seems to hold, in the rows that were looked at."""

    name: str
    kind: ColumnKind
    missing: int
    distinct: int  # of the cells that are not missing
    low: float | None = None  # of numbers; moments in microseconds
    high: float | None = None
    first: str | None = None  # of texts and moments: the first and the last in order
    last: str | None = None
    examples: tuple[str, ...] = ()
    problem: DataWarning | None = None  # why this column cannot be used as it is


class TableReport(Frozen):
    """A file, and its columns in their order."""

    file: str
    format: Literal["csv", "parquet"]
    is_gzipped: bool
    delimiter: Delimiter
    num_bytes: int
    num_rows: int | None  # of the file; None when it was not read to its end
    rows_looked_at: int
    ragged_rows: int  # among them or between them: rows with another number of cells than the header
    columns: tuple[ColumnReport, ...]


def look(path: Path, delimiter: Delimiter | None = None, *, on_progress: OnProgress | None = None) -> TableReport:
    """Look at the first rows of a table.

    Args:
        path: Of a CSV or Parquet file, plain or gzipped.
        delimiter: Of CSV; default: the one that splits the header most.
        on_progress: Told the share of the rows to look at that were read.

    Raises:
        DatasetError: it is no table, or has no rows; names file, row, column and remedy.
    """
    file = open_table(path, delimiter)
    nested = {} if file.kind == "csv" else _nested_columns(file)
    flat = [name for name in file.names if name not in nested]
    ragged, tell = Ragged(), Steps((LOOKING,), on_progress).next()
    batches, num_rows, num_bytes, is_whole = [], 0, 0, True
    for batch in read_batches(file, flat, ragged) if flat else ():
        batches.append(batch)
        num_rows += batch.num_rows
        num_bytes += batch.nbytes
        tell(max(num_rows / _MOST_ROWS, num_bytes / _MOST_BYTES))
        if num_rows >= _MOST_ROWS or num_bytes >= _MOST_BYTES:
            is_whole = False
            break
    if not num_rows:
        if ragged.count:
            ragged.refuse(file)
        raise DatasetError(
            "{file} has a header but no rows. Add rows, or choose another file. Nothing was imported.", file=path.name
        )
    table = pa.Table.from_batches(batches).slice(0, _MOST_ROWS)
    reports = {name: _column(name, table[name].combine_chunks()) for name in flat}
    reports |= {
        name: ColumnReport(name=name, kind="lists", missing=0, distinct=0, problem=nested[name]) for name in nested
    }
    return TableReport(
        file=path.name,
        format=file.kind,
        is_gzipped=file.is_gzipped,
        delimiter=file.delimiter,
        num_bytes=file.num_bytes,
        num_rows=file.num_rows if file.num_rows is not None else (num_rows if is_whole else None),
        rows_looked_at=table.num_rows,
        ragged_rows=ragged.count,
        columns=tuple(reports[name] for name in file.names),
    )


def _nested_columns(file: TableFile) -> dict[str, DataWarning]:
    with file.parquet() as parquet:
        schema = parquet.schema_arrow
    return {
        name: DataWarning(
            template="It holds {kind}, not one value per row: unpack it into columns.",
            values={"kind": str(schema.field(name).type)[:60]},
        )
        for name in file.names
        if pa.types.is_nested(schema.field(name).type)
    }


def _column(name: str, column: pa.Array) -> ColumnReport:
    texts, is_bad_N = to_texts(column)
    is_missing_N = np.asarray(texts.is_null().to_numpy(zero_copy_only=False), np.bool_) & ~is_bad_N
    distinct = pc.unique(texts.drop_null())
    examples = tuple(shown_cell(distinct, row) for row in range(min(_NUM_EXAMPLES, len(distinct))))
    kind, low, high = _kind(column, texts, is_missing_N)
    span = pc.min_max(texts) if kind in ("text", "mixed", "moment") else None
    return ColumnReport(
        name=name,
        kind=kind,
        missing=int(is_missing_N.sum()),
        distinct=len(distinct),
        low=low,
        high=high,
        first=None if span is None else _shortened(span["min"].as_py()),
        last=None if span is None else _shortened(span["max"].as_py()),
        examples=examples,
        problem=_problem(name, is_bad_N),
    )


def _kind(column: pa.Array, texts: pa.Array, is_missing_N: np.ndarray) -> tuple[ColumnKind, float | None, float | None]:
    if is_missing_N.all():
        return "empty", None, None
    if pa.types.is_temporal(column.type):
        moments = to_times(column).values_N[~is_missing_N]
        return "moment", float(moments.min()), float(moments.max())
    numbers = to_numbers(column)
    is_good_N = ~(numbers.is_bad_N | numbers.is_missing_N)
    if not is_good_N.any() or numbers.is_bad_N.any():
        times = to_times(texts)
        if not times.is_bad_N.any():
            moments = times.values_N[~times.is_missing_N]
            return "moment", float(moments.min()), float(moments.max())
    if not is_good_N.any():
        return "text", None, None
    found = numbers.values_N[is_good_N]
    low, high = float(found.min()), float(found.max())
    if numbers.is_bad_N.any():
        is_mixed = is_good_N.sum() > _MOSTLY * (~is_missing_N).sum()
        return ("mixed", low, high) if is_mixed else ("text", None, None)
    is_whole = bool((found == np.floor(found)).all())
    if is_whole and low >= 0 and high <= 1:
        return "yes or no", low, high
    return ("whole number" if is_whole else "number"), low, high


def _problem(name: str, is_bad_N: np.ndarray) -> DataWarning | None:
    if not name:
        return DataWarning(template="It has no name: give it one to use it.")
    if len(name) > _LONGEST_NAME:
        return DataWarning(
            template="Its name has {count} characters: rename it, with at most {most}, to use it.",
            values={"count": len(name), "most": _LONGEST_NAME},
        )
    if is_bad_N.any():
        return DataWarning(
            template="{count} cells are no UTF-8 text, the first in row {row}: save the table as UTF-8.",
            values={"count": int(is_bad_N.sum()), "row": int(is_bad_N.argmax()) + 2},
        )
    return None


def _shortened(text: str | None) -> str | None:
    return None if text is None else shown_cell(pa.array([text]), 0)
