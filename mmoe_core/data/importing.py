"""A stranger's files are read in a process of their own, with limits on memory and time.

A small file can ask for gigabytes; whatever it does, it does to the child, and the caller gets a sentence. The child is
`import_program`: a job goes in on its standard input; shares of progress and the answer come out on its standard
output, one JSON value a line. A look and an import, of any layout, go this one way.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import IO, Annotated, Literal

from pydantic import Field

from ..config import PROJECT, Frozen, datasets_folder
from ..errors import DatasetError, LabError
from .dataset import Dataset, open_dataset
from .parts import sweep_parts
from .table import Delimiter, TableMapping, TableReport

__all__ = [
    "MEMORY_BYTES",
    "REFUSED",
    "AliCcpJob",
    "Job",
    "LookJob",
    "TableJob",
    "import_in_child",
    "import_table_in_child",
    "look_in_child",
]

MEMORY_BYTES = 4 * 2**30  # address space; far more than the bounded readers need
REFUSED = 2  # exit status of a refusal, whose JSON is the last line of standard error
_LEAST_SECONDS = 300
_BYTES_PER_SECOND = 1_000_000  # a tenth of what a slow machine reads; longer files may take longer
_POLL_SECONDS = 0.2
_COMMAND = [sys.executable, "-m", f"{__package__}.import_program"]

Progress = Callable[[float], None]
IsCancelled = Callable[[], bool]


class LookJob(Frozen):
    """Report on the columns of a table; nothing is written."""

    kind: Literal["look"] = "look"
    source: str
    delimiter: Delimiter | None = None


class TableJob(Frozen):
    """Import a table with a mapping of its columns."""

    kind: Literal["table"] = "table"
    source: str
    folder: str
    mapping: TableMapping


class AliCcpJob(Frozen):
    """Import a table in the layout of the processed Ali-CCP log."""

    kind: Literal["ali-ccp"] = "ali-ccp"
    source: str
    name: str


Job = Annotated[LookJob | TableJob | AliCcpJob, Field(discriminator="kind")]


def look_in_child(source: Path, delimiter: Delimiter | None = None) -> TableReport:
    """What the columns of a table seem to be.

    Raises:
        DatasetError: what is wrong with the file, or that it needed more memory or time than is allowed.
    """
    return TableReport.model_validate_json(_answer(LookJob(source=str(source.absolute()), delimiter=delimiter)))


def import_table_in_child(
    source: Path,
    mapping: TableMapping,
    folder: Path,
    *,
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Dataset:
    """Import a CSV or Parquet table.

    Args:
        source: Of the table.
        mapping: What its columns are.
        folder: Where the dataset shall be, such as a name in `datasets_folder()`.
        on_progress: Told the share of the work that is done.
        is_cancelled: Asked a few times a second; the import ends when it says yes.

    Raises:
        DatasetError: what is wrong with the file, that it needed more memory or time than is allowed, or that the
            import was cancelled; nothing was imported then.
    """
    place = folder.absolute()
    job = TableJob(source=str(source.absolute()), folder=str(place), mapping=mapping)
    _answer(job, place.parent, on_progress, is_cancelled)
    return open_dataset(place)


def import_in_child(source: Path, name: str) -> Dataset:
    """Import a processed Ali-CCP table that somebody handed in.

    Args:
        source: A folder with the three files, or one file.
        name: Of the dataset.

    Raises:
        DatasetError: what is wrong with the files, or that they needed more memory or time than is allowed.
    """
    folder = datasets_folder()
    _answer(AliCcpJob(source=str(source.absolute()), name=name), folder)
    return open_dataset(folder / name)


def _answer(
    job: LookJob | TableJob | AliCcpJob,
    written_in: Path | None = None,
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> str:
    """Run a job in a child to its end, and give back the last line it said."""
    seconds = _LEAST_SECONDS + _num_bytes(Path(job.source)) // _BYTES_PER_SECOND
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(_COMMAND, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin as stdin:
                stdin.write(job.model_dump_json().encode())
            last = _listen(child.stdout, job, monotonic() + seconds, seconds, on_progress, is_cancelled)
            code = child.wait()
        except BrokenPipeError:  # it ended before it had read its job
            last, code = "", child.wait()
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
            if written_in is not None:
                sweep_parts(written_in)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - (1 << 20)))
        said = errors.read().decode("utf-8", "replace").strip().splitlines()
    if code == 0:
        return last
    if code == REFUSED and said:
        raise LabError.from_json(said[-1])
    raise DatasetError(
        "Reading '{file}' needed more memory than the {gigabytes} GB that a file from outside may use, or it is no "
        "table at all. Split it, or leave out the column with the most different ids. Nothing was imported.",
        file=Path(job.source).name,
        gigabytes=MEMORY_BYTES // 2**30,
    )


def _listen(
    stdout: IO[bytes],
    job: LookJob | TableJob | AliCcpJob,
    deadline: float,
    seconds: int,
    on_progress: Progress | None,
    is_cancelled: IsCancelled | None,
) -> str:
    """Everything the child says until it closes its output; the last line is its answer."""
    descriptor = stdout.fileno()
    waiting, last = b"", ""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if monotonic() > deadline:
                raise DatasetError(
                    "Reading '{file}' took more than {seconds:,} seconds and was ended. Split it, or keep fewer "
                    "columns. Nothing was imported.",
                    file=Path(job.source).name,
                    seconds=seconds,
                )
            if is_cancelled is not None and is_cancelled():
                raise DatasetError("Reading '{file}' was cancelled. Nothing was imported.", file=Path(job.source).name)
            if not selector.select(_POLL_SECONDS):
                continue
            said = os.read(descriptor, 1 << 16)
            if not said:
                return waiting.decode() or last
            *lines, waiting = (waiting + said).split(b"\n")
            for line in lines:
                last = line.decode()
                share = json.loads(last)
                if on_progress is not None and isinstance(share, float):
                    on_progress(share)


def _num_bytes(source: Path) -> int:
    try:
        if source.is_dir():
            return sum(path.stat().st_size for path in source.iterdir() if path.is_file())
        return source.stat().st_size
    except OSError:  # the child says what is wrong with it
        return 0
