"""The rows of somebody's table, batch by batch, in bounded memory: CSV cells as bytes, Parquet columns as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.csv

from ...errors import DatasetError
from ..progress import OnShare
from .opening import TableFile, refuse_unreadable

__all__ = ["Ragged", "read_batches"]

BATCH_ROWS = 16_384  # of Parquet
BLOCK_BYTES = 4 << 20  # of CSV; Arrow reads some blocks ahead
_NESTED = (pa.types.is_nested, pa.types.is_union)


class Ragged:
    """Counts rows whose number of cells is not the header's, and remembers the first."""

    def __init__(self) -> None:
        self.count = 0
        self.row = 0  # 0: read by several threads, which do not know it
        self.num_cells = 0
        self.num_expected = 0

    def __call__(self, row: pyarrow.csv.InvalidRow) -> str:
        """What Arrow calls on such a row."""
        if self.count == 0:
            self.row, self.num_cells, self.num_expected = row.number or 0, row.actual_columns, row.expected_columns
        self.count += 1
        return "skip"

    def refuse(self, file: TableFile) -> None:
        """Refuse the file if there was such a row; the first is looked up.

        Raises:
            DatasetError: there was one.
        """
        if self.count == 0:
            return
        again = Ragged()
        for _ in _read_csv(file, file.names[:1], again, is_threaded=False):
            if again.count:
                break
        raise DatasetError(
            "{file}, row {row:,}: {cells} cells where the header has {expected} (such rows: {count:,}). Correct these "
            "rows, put quotes around cells that hold the delimiter, or import with 'drop bad rows'. "
            "Nothing was imported.",
            file=file.path.name,
            row=again.row,
            cells=again.num_cells,
            expected=again.num_expected,
            count=self.count,
        )


def read_batches(
    file: TableFile, columns: Sequence[str], ragged: Ragged, on_progress: OnShare | None = None
) -> Iterator[pa.RecordBatch]:
    """Some columns of all rows that have as many cells as the header.

    Args:
        file: What `open_table` found.
        columns: Names; at least one.
        ragged: Counts the other rows.
        on_progress: Told the share of the file that has been read.

    Raises:
        DatasetError: the file is damaged, or a column holds lists.
    """
    try:
        if file.kind == "csv":
            yield from _read_csv(file, columns, ragged, on_progress=on_progress)
        else:
            yield from _read_parquet(file, columns, on_progress)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowSerializationError, OSError, EOFError) as error:
        refuse_unreadable(file.path, error)


def _read_csv(
    file: TableFile,
    columns: Sequence[str],
    ragged: Ragged,
    *,
    is_threaded: bool = True,  # only a single thread knows the number of an odd row
    on_progress: OnShare | None = None,
) -> Iterator[pa.RecordBatch]:
    with file.bytes() as source:
        reader = pyarrow.csv.open_csv(
            source,
            read_options=pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=is_threaded),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=file.delimiter, newlines_in_values=True, invalid_row_handler=ragged
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.binary()),
                include_columns=list(columns),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            if on_progress is not None:
                on_progress(source.share)
            if batch.num_rows:
                yield batch


def _read_parquet(
    file: TableFile, columns: Sequence[str], on_progress: OnShare | None = None
) -> Iterator[pa.RecordBatch]:
    with file.parquet() as parquet:
        for name in columns:
            kind = parquet.schema_arrow.field(name).type
            if any(is_nested(kind) for is_nested in _NESTED):
                raise DatasetError(
                    "{file}, column '{column}': it holds {kind}, not one value per row. Unpack it into columns, or "
                    "leave it out. Nothing was imported.",
                    file=file.path.name,
                    column=name,
                    kind=str(kind)[:60],
                )
        done = 0
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS, columns=list(columns), use_threads=False):
            done += batch.num_rows
            if on_progress is not None and file.num_rows:
                on_progress(done / file.num_rows)
            if batch.num_rows:
                yield batch
