"""`python -m mmoe_core.data.import_program < JOB`: the process that reads a stranger's files, for `importing`.

It limits its own memory, does the job, and says its progress and its answer as `jobs` describes.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from ..errors import DatasetError, LabError
from .ali_ccp_csv import import_ali_ccp_csv
from .jobs import MEMORY_BYTES, REFUSED, AliCcpJob, Answer, AnyJob, ConvertJob, Job, LookJob, TableJob
from .progress import Progress
from .raw import STAGES, Silent, convert_raw
from .table import import_table, look

__all__ = ["main"]

_MOST_THREADS = 4
_SECONDS_BETWEEN_SHARES = 0.2
_ORPHANED_AFTER_SECONDS = 1.0


def main() -> int:
    """Do the job on standard input, or refuse."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    job: AnyJob = TypeAdapter[AnyJob](Job).validate_json(sys.stdin.buffer.read())
    if not isinstance(job, ConvertJob):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        pa.set_cpu_count(min(_MOST_THREADS, os.cpu_count() or 1))  # each reserves address space
    try:
        _say(Answer(answer=_do(job)).model_dump_json())
    except LabError as error:
        return _refuse(error)
    except MemoryError:
        return _refuse(
            DatasetError(
                "Reading '{file}' needed more memory than the {gigabytes} GB that a file from outside may use. Split "
                "it, or leave out the column with the most different ids. Nothing was imported.",
                file=job.file,
                gigabytes=MEMORY_BYTES // 2**30,
            )
        )
    except (pa.ArrowException, OSError) as error:
        return _refuse(
            DatasetError(
                "{file} could not be read to its end ({reason}). Export it again. Nothing was imported.",
                file=job.file,
                reason=(str(error).splitlines() or [type(error).__name__])[0][:160],
            )
        )
    return 0


def _do(job: AnyJob) -> str:
    source, tell = Path(job.source), _Teller()
    match job:
        case LookJob():
            return look(source, job.delimiter, on_progress=tell).model_dump_json()
        case TableJob():
            import_table(source, job.mapping, Path(job.folder), on_progress=tell)
        case AliCcpJob():
            import_ali_ccp_csv(source, job.name, vocabulary=job.vocabulary, on_progress=tell)
        case ConvertJob():
            convert_raw(source, Path(job.folder), job.options, watcher=_Watcher(tell))
    return "null"


class _Teller:
    """Says how far the work is: at the start of every step, then a few times a second."""

    def __init__(self) -> None:
        self._step = 0
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.step != self._step or time.monotonic() >= self._next:
            self._step, self._next = progress.step, time.monotonic() + _SECONDS_BETWEEN_SHARES
            _say(progress.model_dump_json())


class _Watcher(Silent):
    """Hands on a conversion's progress; it ends with this process, which keeps its complete stages."""

    def __init__(self, tell: _Teller) -> None:
        self._tell = tell

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say it."""
        share = min(1.0, done / max(1, total))
        self._tell(Progress(stage=stage, step=STAGES.index(stage) + 1, num_steps=len(STAGES), share=share))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _refuse(error: LabError) -> int:
    sys.stderr.write("\n" + error.to_json() + "\n")
    return REFUSED


def _end_with(parent: int) -> None:
    """End this process when the one that wants the answer is gone; what is unfinished is swept by the next import."""
    while os.getppid() == parent:
        time.sleep(_ORPHANED_AFTER_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
