"""`python -m mmoe_core.runs.baseline_program < JOB`: the process that learns the baselines, for `baselines`.

Standard output says a `Progress` a line; what was wrong is a `LabError` on the last line of standard error.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from ..analysis import METHODS, MOST_CATEGORIES, MOST_COLUMNS, MOST_TRAIN_ROWS, fit_baseline
from ..config import DataConfig, Frozen
from ..data import Progress, prepare
from ..data.parts import Part
from ..data.progress import Steps
from ..data.writing import sha256_of
from ..errors import LabError
from .baselines import REPORT, BaselineReport
from .files import write_predictions

__all__ = ["STAGES", "main"]

STAGES = ("logistic regression or ridge", "gradient boosting")  # in the order of METHODS
_ORPHANED_AFTER_SECONDS = 1.0


class _Job(Frozen):
    data: DataConfig
    folder: str


def main() -> int:
    """Do the job on standard input."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    job = _Job.model_validate_json(sys.stdin.buffer.read())
    try:
        _learn(job.data, Path(job.folder))
    except LabError as error:
        sys.stderr.write(error.to_json() + "\n")
        return 1
    return 0


def _learn(data: DataConfig, folder: Path) -> None:
    began, dataset = time.monotonic(), prepare(data)
    schema, test = dataset.schema, dataset.split("test")
    steps = Steps(STAGES, _say)
    checksums: dict[str, str] = {}
    part = Part(folder)
    try:
        for method in METHODS:
            on_share = steps.next()
            on_share(0.0)
            scores_NT = fit_baseline(dataset, method, on_share)
            (part.path / method).mkdir()
            write_predictions(part.path / method, schema, test, scores_NT)
            checksums[method] = sha256_of(part.path / method / "predictions.parquet")
        train_rows = len(dataset.split("train"))
        report = BaselineReport(
            train_rows=train_rows,
            learnt_rows=min(train_rows, MOST_TRAIN_ROWS),
            crowded_fields=tuple(field.name for field in schema.id_fields if field.vocabulary_size > MOST_CATEGORIES),
            has_shared_columns=schema.num_ids > MOST_COLUMNS,
            seconds=time.monotonic() - began,
            checksums=checksums,
        )
        (part.path / REPORT).write_text(report.model_dump_json(), encoding="utf-8")
        if not folder.exists():  # else another process was first, with the same numbers
            part.path.rename(folder)
    finally:
        part.release()


def _say(progress: Progress) -> None:
    sys.stdout.write(progress.model_dump_json() + "\n")
    sys.stdout.flush()


def _end_with(parent: int) -> None:
    """End when whoever asked is gone."""
    while os.getppid() == parent:
        time.sleep(_ORPHANED_AFTER_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
