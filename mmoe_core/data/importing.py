"""A stranger's files are read in a process of their own, with limits on memory and time.

A small file can ask for gigabytes; whatever it does, it does to the child, and the caller gets a sentence. The child is
`import_program`; what goes in and what comes out of it is in `jobs`. A look, an import of any layout and a conversion
go this one way.
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
from typing import IO

from ..config import PROJECT, datasets_folder
from ..errors import DatasetError, LabError
from .dataset import Dataset, open_dataset
from .jobs import MEMORY_BYTES, REFUSED, AliCcpJob, Answer, AnyJob, ConvertJob, LookJob, TableJob
from .manifest import Vocabulary
from .parts import sweep_parts
from .progress import OnProgress, Progress
from .raw import RawOptions
from .table import Delimiter, TableMapping, TableReport

__all__ = ["IsCancelled", "convert_in_child", "import_in_child", "import_table_in_child", "look_in_child"]

_LEAST_SECONDS = 300
_BYTES_PER_SECOND = 1_000_000  # a tenth of what a slow machine reads; longer files may take longer
_POLL_SECONDS = 0.2
_COMMAND = [sys.executable, "-m", f"{__package__}.import_program"]

IsCancelled = Callable[[], bool]


def look_in_child(
    source: Path,
    delimiter: Delimiter | None = None,
    *,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> TableReport:
    """What the columns of a table seem to be.

    Raises:
        DatasetError: what is wrong with the file, that it needed more memory or time than is allowed, or that the look
            was cancelled.
    """
    job = LookJob(source=str(source.absolute()), delimiter=delimiter)
    return TableReport.model_validate_json(_answer(job, None, on_progress, is_cancelled))


def import_table_in_child(
    source: Path,
    mapping: TableMapping,
    folder: Path,
    *,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Dataset:
    """Import a CSV or Parquet table.

    Args:
        source: Of the table.
        mapping: What its columns are.
        folder: Where the dataset shall be, such as a name in `datasets_folder()`.
        on_progress: Told the step and the share of it that is done.
        is_cancelled: Asked a few times a second; the import ends when it says yes.

    Raises:
        DatasetError: what is wrong with the file, that it needed more memory or time than is allowed, or that the
            import was cancelled; nothing was imported then.
    """
    place = folder.absolute()
    job = TableJob(source=str(source.absolute()), folder=str(place), mapping=mapping)
    _answer(job, place.parent, on_progress, is_cancelled)
    return open_dataset(place)


def import_in_child(
    source: Path,
    name: str,
    *,
    vocabulary: Vocabulary = "learnt",
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Dataset:
    """Import a processed Ali-CCP table that somebody handed in.

    Args:
        source: A folder with the three files, or one file.
        name: Of the dataset.
        vocabulary: Learnt from train, or ids as given.
        on_progress: Told the step and the share of it that is done.
        is_cancelled: Asked a few times a second; the import ends when it says yes.

    Raises:
        DatasetError: what is wrong with the files, that they needed more memory or time than is allowed, or that the
            import was cancelled; nothing was imported then.
    """
    folder = datasets_folder()
    job = AliCcpJob(source=str(source.absolute()), name=name, vocabulary=vocabulary)
    _answer(job, folder, on_progress, is_cancelled)
    return open_dataset(folder / name)


def convert_in_child(
    raw_dir: Path,
    options: RawOptions,
    folder: Path,
    *,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Dataset:
    """Convert the raw Ali-CCP log, without a limit of time or memory: the converter bounds its own.

    Ended early, it keeps its work folder; the next conversion with the same choices goes on from there.

    Args:
        raw_dir: The folder with the four files.
        options: The choices.
        folder: Where the dataset shall be; it must not be there.
        on_progress: Told the step and the share of it that is done.
        is_cancelled: Asked a few times a second; the conversion ends when it says yes.

    Raises:
        DatasetError: what is wrong with the files, or that the conversion was cancelled or killed.
    """
    place = folder.absolute()
    job = ConvertJob(source=str(raw_dir.absolute()), folder=str(place), options=options)
    _answer(job, None, on_progress, is_cancelled)
    return open_dataset(place)


def _answer(
    job: AnyJob,
    written_in: Path | None = None,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> str:
    """Run a job in a child to its end, and give back its answer."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(_COMMAND, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin as stdin:
                stdin.write(job.model_dump_json().encode())
            answer = _listen(child.stdout, job, on_progress, is_cancelled)
            code = child.wait()
        except BrokenPipeError:  # it ended before it had read its job
            answer, code = None, child.wait()
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
            if written_in is not None:
                sweep_parts(written_in)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - (1 << 20)))
        said = errors.read().decode("utf-8", "replace").strip().splitlines()
    if code == 0 and answer is not None:
        return answer
    if code == REFUSED and said:
        raise LabError.from_json(said[-1])
    raise _ended(job)


def _listen(
    stdout: IO[bytes], job: AnyJob, on_progress: OnProgress | None, is_cancelled: IsCancelled | None
) -> str | None:
    """Everything the child says until it closes its output; its answer, if it gave one."""
    seconds = _seconds_allowed(job)
    deadline = None if seconds is None else monotonic() + seconds
    descriptor = stdout.fileno()
    waiting, answer = b"", None
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if seconds is not None and deadline is not None and monotonic() > deadline:
                raise DatasetError(
                    "Reading '{file}' took more than {seconds:,} seconds and was ended. Split it, or keep fewer "
                    "columns. Nothing was imported.",
                    file=job.file,
                    seconds=seconds,
                )
            if is_cancelled is not None and is_cancelled():
                raise _cancelled(job)
            if not selector.select(_POLL_SECONDS):
                continue
            said = os.read(descriptor, 1 << 16)
            if not said:
                return answer
            *lines, waiting = (waiting + said).split(b"\n")
            for line in lines:
                if "answer" in json.loads(line):
                    answer = Answer.model_validate_json(line).answer
                elif on_progress is not None:
                    on_progress(Progress.model_validate_json(line))


def _seconds_allowed(job: AnyJob) -> int | None:
    """How long a job may take; a conversion as long as it needs."""
    if isinstance(job, ConvertJob):
        return None
    source = Path(job.source)
    try:
        files = [path for path in source.iterdir() if path.is_file()] if source.is_dir() else [source]
        num_bytes = sum(path.stat().st_size for path in files)
    except OSError:  # the child says what is wrong with it
        num_bytes = 0
    return _LEAST_SECONDS + num_bytes // _BYTES_PER_SECOND


def _cancelled(job: AnyJob) -> DatasetError:
    if isinstance(job, ConvertJob):
        return DatasetError(
            "The conversion of '{file}' was cancelled. Its complete steps are kept: started again under the same name "
            "with the same choices, it goes on after them.",
            file=job.file,
        )
    return DatasetError("Reading '{file}' was cancelled. Nothing was imported.", file=job.file)


def _ended(job: AnyJob) -> DatasetError:
    """Why a child that said nothing is gone, as far as one can know."""
    if isinstance(job, ConvertJob):
        return DatasetError(
            "The conversion of '{file}' was killed, or its disk or memory is full. Its complete steps are kept: "
            "started again under the same name with the same choices, it goes on after them.",
            file=job.file,
        )
    return DatasetError(
        "Reading '{file}' needed more memory than the {gigabytes} GB that a file from outside may use, or it is no "
        "table at all. Split it, or leave out the column with the most different ids. Nothing was imported.",
        file=job.file,
        gigabytes=MEMORY_BYTES // 2**30,
    )
