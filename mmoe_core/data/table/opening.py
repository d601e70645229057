"""A file that somebody brought: what it is by its content, and its columns by their names. Nothing is trusted.

A row is named by its number in the file: the header is row 1.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import DatasetError
from .mapping import DELIMITERS, Delimiter

__all__ = ["MAX_COLUMNS", "Counted", "TableFile", "open_table", "refuse_unreadable"]

MAX_COLUMNS = 2_000
_MAX_HEADER_BYTES = 4 << 20
_MAX_GROWTH = 200  # what text of a real log never reaches when it is unpacked; gzip's own bound is 1,032
_FREE_BYTES = 256 << 20  # unpacked before growth is looked at
_MAX_GROUP_BYTES = 1 << 30  # a Parquet row group is decoded at once


@dataclass(frozen=True)
class TableFile:
    """A CSV or Parquet file whose header has been read and found usable."""

    path: Path
    kind: Literal["csv", "parquet"]
    is_gzipped: bool
    delimiter: Delimiter  # of CSV: the one asked for, else the one that splits the header most
    names: tuple[str, ...]
    num_bytes: int
    num_rows: int | None  # known before reading of a Parquet file only

    def bytes(self) -> Counted:
        """The file's content, unpacked, from its start."""
        return Counted(self.path, self.is_gzipped)

    def parquet(self) -> AbstractContextManager[pq.ParquetFile]:
        """The file as Parquet, while the context lasts.

        Raises:
            DatasetError: it is damaged, or asks for more memory than it may have.
        """
        return _parquet(self.path, self.is_gzipped)


class Counted(io.RawIOBase):
    """A file read from its start, unpacked where it is gzipped; refuses what only wants to fill the memory."""

    def __init__(self, path: Path, is_gzipped: bool) -> None:
        self._path = path
        self._packed = path.open("rb")
        self._num_packed = path.stat().st_size
        self._plain: BinaryIO = gzip.GzipFile(fileobj=self._packed) if is_gzipped else self._packed  # type: ignore[assignment]
        self._num_read = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, unpacked; a size must be given."""
        if size < 0:
            raise io.UnsupportedOperation("reading all at once")
        try:
            found = self._plain.read(size)
        except zlib.error as error:  # no OSError, unlike the other ways in which a gzip can be damaged
            raise gzip.BadGzipFile(str(error)) from None
        self._num_read += len(found)
        if self._num_read > _FREE_BYTES and self._num_read > _MAX_GROWTH * self._num_packed:
            raise DatasetError(
                "{file} unpacks to more than {times} times its size: no log does that. Unpack it yourself and look at "
                "it. Nothing was imported.",
                file=self._path.name,
                times=_MAX_GROWTH,
            )
        return found

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._packed.tell() / max(1, self._num_packed) if not self._packed.closed else 1.0

    def close(self) -> None:
        """Close the file."""
        self._plain.close()
        self._packed.close()
        super().close()


def open_table(path: Path, delimiter: Delimiter | None = None) -> TableFile:
    """Recognise a file and read its column names.

    Args:
        path: Of a CSV or Parquet file, plain or gzipped; its name's ending does not matter.
        delimiter: Of CSV; default: the one that splits the header most.

    Raises:
        DatasetError: names file, row, column and remedy.
    """
    if not path.exists() or path.is_dir():
        raise DatasetError("There is no file '{path}'. Check its name.", path=str(path)[:200])
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
        is_gzipped = start[:2] == b"\x1f\x8b"
        if is_gzipped:
            with Counted(path, is_gzipped=True) as unpacked:
                start = unpacked.read(4)
    except (OSError, EOFError) as error:
        refuse_unreadable(path, error)
    if start[:2] == b"PK":
        raise DatasetError(
            "{file} is a ZIP archive or a spreadsheet, whatever its name says. Unpack it, or save the sheet as CSV. "
            "Nothing was imported.",
            file=path.name,
        )
    if start == b"PAR1":
        with _parquet(path, is_gzipped) as parquet:
            _check_names(path, parquet.schema_arrow.names)
            return TableFile(
                path, "parquet", is_gzipped, ",", tuple(parquet.schema_arrow.names), size, parquet.metadata.num_rows
            )
    line = _first_line(path, is_gzipped)
    marks: tuple[Delimiter, ...] = (delimiter,) if delimiter is not None else tuple(DELIMITERS)
    chosen = max(marks, key=lambda mark: len(_cells(line, mark)))
    names = _cells(line, chosen)
    _check_names(path, names)
    return TableFile(path, "csv", is_gzipped, chosen, tuple(names), size, None)


def refuse_unreadable(path: Path, reason: object) -> NoReturn:
    """The refusal of what is no table.

    Raises:
        DatasetError: always.
    """
    raise DatasetError(
        "{file} cannot be read as a CSV (UTF-8) or Parquet table ({reason}). Export it again. Nothing was imported.",
        file=path.name,
        reason=(str(reason).splitlines() or ["it ends too early"])[0][:160],
    ) from None


def _first_line(path: Path, is_gzipped: bool) -> str:
    try:
        with Counted(path, is_gzipped) as file:
            head = file.read(_MAX_HEADER_BYTES)
    except (OSError, EOFError) as error:
        refuse_unreadable(path, error)
    line = head.lstrip(b"\n\r").split(b"\n", 1)[0]
    if b"\r" in line.rstrip(b"\r"):  # lines that end as on old Macs
        line = line.split(b"\r", 1)[0]
    if len(line) == _MAX_HEADER_BYTES:
        raise DatasetError(
            "{file}, row 1 is longer than {bytes:,} bytes: this is no header. Export the table again with one name per "
            "column. Nothing was imported.",
            file=path.name,
            bytes=_MAX_HEADER_BYTES,
        )
    try:
        text = line.decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError as error:
        raise DatasetError(
            "{file}, row 1: byte {byte:,} is no UTF-8 text. Save the table as UTF-8. Nothing was imported.",
            file=path.name,
            byte=error.start + 1,
        ) from None
    if not text.strip():
        raise DatasetError(
            "{file} is empty. It should start with a row of column names. Nothing was imported.", file=path.name
        )
    return text


def _cells(line: str, delimiter: Delimiter) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a name beyond the reader's own bound
        return line.split(delimiter)


def _check_names(path: Path, names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise DatasetError(
            "{file}, row 1: {count:,} columns; at most {most:,} can be read. Keep the columns that matter. "
            "Nothing was imported.",
            file=path.name,
            count=len(names),
            most=MAX_COLUMNS,
        )
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if not name.isprintable():
            raise DatasetError(
                "{file}, row 1: the name of column {place}, {name}, has a character that cannot be printed. Rename it. "
                "Nothing was imported.",
                file=path.name,
                place=place,
                name=ascii(name[:40]),
            )
        if name in places:
            raise DatasetError(
                "{file}, row 1: columns {first} and {second} are both called '{name}'. Rename one of them. "
                "Nothing was imported.",
                file=path.name,
                first=places[name],
                second=place,
                name=name[:64],
            )
        places[name] = place


@contextmanager
def _parquet(path: Path, is_gzipped: bool) -> Iterator[pq.ParquetFile]:
    with ExitStack() as files:
        try:
            source: BinaryIO = files.enter_context(path.open("rb"))
            if is_gzipped:
                source = files.enter_context(tempfile.TemporaryFile())  # has no name, so that nothing is left behind
                with Counted(path, is_gzipped=True) as unpacked:
                    while block := unpacked.read(4 << 20):
                        source.write(block)
            found = files.enter_context(pq.ParquetFile(source))
            groups = [found.metadata.row_group(index) for index in range(found.metadata.num_row_groups)]
        except (pa.ArrowException, OSError, EOFError, ValueError) as error:
            refuse_unreadable(path, error)
        asked = max((group.total_byte_size for group in groups), default=0)
        if asked > _MAX_GROUP_BYTES:
            raise DatasetError(
                "{file} holds a row group of {found:,} MB, which would be decoded at once; at most {most:,} MB. Write "
                "it again with smaller row groups. Nothing was imported.",
                file=path.name,
                found=asked >> 20,
                most=_MAX_GROUP_BYTES >> 20,
            )
        yield found
