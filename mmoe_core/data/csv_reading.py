"""The processed Ali-CCP CSV, batch by batch; what is wrong with a file is said with column, row and count.

A row is named by its line in the file, as an editor shows it: the header is row 1. A file that reads clean is parsed
once, typed; only a faulty one is read again as text, to find and count its faults.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ..errors import DatasetError
from .ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from .progress import OnShare

__all__ = ["check_columns", "read_batches"]

_COLUMNS = (*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES)
_TYPES = {
    **dict.fromkeys(LABEL_NAMES, pa.float64()),  # pandas writes a label column as 1.0 as often as as 1
    **dict.fromkeys(ID_NAMES, pa.int64()),
    **dict.fromkeys(VALUE_NAMES, pa.float64()),
}
_BLOCK_BYTES = 8 << 20  # Arrow reads some 32 blocks ahead
_LARGEST = float(np.finfo(np.float32).max)  # what the network can read
_MAX_HEADER_BYTES = 1 << 20


def check_columns(path: Path) -> None:
    """Refuse a file whose header is not Ali-CCP's, in any order.

    Raises:
        DatasetError: the file is empty or no text, or columns are missing, unknown, or there twice.
    """
    names = _header(path)
    spaced = [name for name in names if name != name.strip() and name.strip() in _COLUMNS]
    if spaced:
        raise DatasetError(
            "{file}, row 1: the column '{column}' begins or ends with a space (such columns: {count}). "
            "Remove the spaces around the commas. Nothing was imported.",
            file=path.name,
            column=spaced[0],
            count=len(spaced),
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    missing = [name for name in _COLUMNS if name not in names]
    unknown = [name for name in names if name not in _COLUMNS]
    if twice:
        raise DatasetError(
            "{file}, row 1: the column '{column}' is there {count} times. Keep one of them. Nothing was imported.",
            file=path.name,
            column=twice[0],
            count=names.count(twice[0]),
        )
    if missing:
        raise DatasetError(
            "{file}, row 1: columns missing ({count} of Ali-CCP's {expected}): {columns}. "
            "Add them, or export the table again with its header. Nothing was imported.",
            file=path.name,
            count=len(missing),
            expected=len(_COLUMNS),
            columns=_listed(missing),
        )
    if unknown:
        raise DatasetError(
            "{file}, row 1: columns that Ali-CCP's table does not have ({count}): {columns}. Remove them. "
            "Nothing was imported.",
            file=path.name,
            count=len(unknown),
            columns=_listed(unknown),
        )


def read_batches(
    path: Path, columns: tuple[str, ...] = _COLUMNS, on_share: OnShare | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a CSV file (gzip too), typed: labels and values float64 and finite, ids int64, null = missing.

    Memory stays bounded, at a few hundred megabytes, whatever the file's length.

    Args:
        path: Of the file.
        columns: Which to read.
        on_share: Told the share of the file that has been read, which runs a little ahead of the rows.

    Raises:
        DatasetError: names file, column, row, count and remedy of the first kind of fault.
    """
    is_empty = True
    try:
        packed = pa.OSFile(str(path))  # not closed here: Arrow may still be reading ahead
        for batch in _open(_plain(path, packed), {name: _TYPES[name] for name in columns}, columns):
            is_empty &= batch.num_rows == 0
            if not _is_clean(batch):
                _diagnose(path)
            if on_share is not None:
                on_share(packed.tell() / max(1, packed.size()))
            yield batch
    except pa.ArrowInvalid:
        _diagnose(path)
    except (OSError, EOFError) as error:
        _refuse_unreadable(path, error)
    if is_empty:
        raise DatasetError(
            "{file} has a header but no rows. Add rows, or choose another file. Nothing was imported.", file=path.name
        )


def _plain(path: Path, packed: pa.NativeFile) -> pa.NativeFile:
    return pa.CompressedInputStream(packed, "gzip") if path.name.endswith(".gz") else packed


def _open(
    source: Path | pa.NativeFile,
    types: dict[str, pa.DataType],
    columns: tuple[str, ...],
    on_odd_row: Callable[[Any], str] | None = None,
) -> pyarrow.csv.CSVStreamingReader:
    return pyarrow.csv.open_csv(
        source,
        # Only a single thread knows the number of an odd row.
        read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=on_odd_row is None),
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=on_odd_row),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types, include_columns=list(columns), null_values=[""], strings_can_be_null=False
        ),
    )


def _is_clean(batch: pa.RecordBatch) -> bool:
    for name in batch.schema.names:
        column = batch[name]
        if name in ID_NAMES:
            continue
        if column.null_count or not (np.abs(column.to_numpy()) <= _LARGEST).all():
            return False
        if name in LABEL_NAMES and not np.isin(column.to_numpy(), (0, 1)).all():
            return False
    return True


def _diagnose(path: Path) -> NoReturn:
    """Read a faulty file as text and say what is wrong with it."""
    odd_rows: list[tuple[int, int]] = []

    def note(row: Any) -> str:
        odd_rows.append((row.number or 0, row.actual_columns))
        return "skip"

    counts = dict.fromkeys(_COLUMNS, 0)
    first: dict[str, tuple[int, str]] = {}
    start = 2
    try:
        for batch in _open(path, dict.fromkeys(_COLUMNS, pa.string()), _COLUMNS, note):
            for name in _COLUMNS:
                faulty = np.flatnonzero(_faults(name, batch[name]))
                if len(faulty):
                    counts[name] += len(faulty)
                    first.setdefault(name, (start + int(faulty[0]), batch[name][int(faulty[0])].as_py()))
            start += batch.num_rows
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        _refuse_unreadable(path, error)
    if odd_rows:
        _refuse_odd_rows(path, odd_rows)
    faulty_columns = sorted(first, key=lambda name: first[name][0])
    if not faulty_columns:
        _refuse_unreadable(path, "its rows cannot be parsed")
    column = faulty_columns[0]
    _refuse_value(path, column, *first[column], counts[column])


def _faults(name: str, texts: pa.StringArray) -> np.ndarray:
    if name in ID_NAMES:
        is_good = pc.match_substring_regex(texts, r"^(-?([0-9]{1,18}|[1-8][0-9]{18}))?$")
    elif name in LABEL_NAMES:
        is_good = pc.match_substring_regex(texts, r"^[01](\.0*)?$")
    else:
        is_number = pc.match_substring_regex(texts, r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")
        numbers = pc.cast(pc.if_else(is_number, texts, "inf"), pa.float64())
        is_good = pc.less_equal(pc.abs(numbers), _LARGEST)
    return ~np.asarray(is_good.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _refuse_value(path: Path, column: str, row: int, found: str, count: int) -> NoReturn:
    place: dict[str, str | int | float] = {
        "file": path.name,
        "column": column,
        "row": row,
        "found": found[:40] or "(empty)",
        "count": count,
    }
    if column in LABEL_NAMES:
        raise DatasetError(
            "{file}, column '{column}', row {row:,}: the label '{found}' is not 0 or 1 (such rows: {count:,}). "
            "Correct or remove these rows. Nothing was imported.",
            **place,
        )
    if column in ID_NAMES:
        raise DatasetError(
            "{file}, column '{column}', row {row:,}: the id '{found}' is not a whole number below 9e18 "
            "(such rows: {count:,}). Encode this column as whole numbers. Nothing was imported.",
            **place,
        )
    raise DatasetError(
        "{file}, column '{column}', row {row:,}: the value '{found}' is not a number between -3.4e38 and 3.4e38 "
        "(such rows: {count:,}). Fill in 0 where nothing is known, or remove these rows. Nothing was imported.",
        **place,
    )


def _refuse_odd_rows(path: Path, odd_rows: list[tuple[int, int]]) -> NoReturn:
    row, cells = odd_rows[0]
    raise DatasetError(
        "{file}, row {row:,}: {cells} cells where the header has {expected} (such rows: {count:,}). "
        "Correct or remove these rows. Nothing was imported.",
        file=path.name,
        row=row,
        cells=cells,
        expected=len(_COLUMNS),
        count=len(odd_rows),
    )


def _refuse_unreadable(path: Path, reason: object) -> NoReturn:
    raise DatasetError(
        "{file} cannot be read as comma-separated UTF-8 text ({reason}). "
        "Export the table again as CSV. Nothing was imported.",
        file=path.name,
        reason=str(reason).splitlines()[0][:120],
    )


def _header(path: Path) -> list[str]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            line = file.readline(_MAX_HEADER_BYTES)
        names = line.decode("utf-8-sig").strip().split(",")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        _refuse_unreadable(path, error)
    if names == [""]:
        raise DatasetError(
            "{file} is empty. It should start with a row of Ali-CCP's {expected} column names. Nothing was imported.",
            file=path.name,
            expected=len(_COLUMNS),
        )
    return [name.strip('"') for name in names]


def _listed(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:8])
    return shown if len(names) <= 8 else f"{shown}, …"
