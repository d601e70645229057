"""`python -m mmoe_core.data.import_program < JOB`: the process that reads a stranger's files, for `importing`.

It limits its own memory, does the job, and prints its progress and its answer as JSON, one value a line; what was wrong
is the JSON on its last line of standard error.
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
from .importing import MEMORY_BYTES, REFUSED, AliCcpJob, Job, LookJob, TableJob
from .table import import_table, look

__all__ = ["main"]

_MOST_THREADS = 4
_SECONDS_BETWEEN_SHARES = 0.2
_ORPHANED_AFTER_SECONDS = 1.0


def main() -> int:
    """Do the job on standard input, or refuse."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    pa.set_cpu_count(min(_MOST_THREADS, os.cpu_count() or 1))  # each reserves address space
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    job: LookJob | TableJob | AliCcpJob = TypeAdapter[LookJob | TableJob | AliCcpJob](Job).validate_json(
        sys.stdin.buffer.read()
    )
    try:
        _say(_do(job))
    except LabError as error:
        return _refuse(error)
    except MemoryError:
        return _refuse(
            DatasetError(
                "Reading '{file}' needed more memory than the {gigabytes} GB that a file from outside may use. Split "
                "it, or leave out the column with the most different ids. Nothing was imported.",
                file=Path(job.source).name,
                gigabytes=MEMORY_BYTES // 2**30,
            )
        )
    except (pa.ArrowException, OSError) as error:
        return _refuse(
            DatasetError(
                "{file} could not be read to its end ({reason}). Export it again. Nothing was imported.",
                file=Path(job.source).name,
                reason=(str(error).splitlines() or [type(error).__name__])[0][:160],
            )
        )
    return 0


def _do(job: LookJob | TableJob | AliCcpJob) -> str:
    source = Path(job.source)
    match job:
        case LookJob():
            return look(source, job.delimiter).model_dump_json()
        case TableJob():
            import_table(source, job.mapping, Path(job.folder), on_progress=_Shares())
        case AliCcpJob():
            import_ali_ccp_csv(source, job.name)
    return "null"


class _Shares:
    """Says how much is done, a few times a second."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS_BETWEEN_SHARES
            _say(f"{float(share):.4f}")


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
