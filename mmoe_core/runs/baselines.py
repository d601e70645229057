"""What a linear model and boosted trees say of a dataset's test rows: learnt once, in a process of their own, and kept.

    baselines/DATASET-KEY/linear/predictions.parquet      as of a run: `score:TASK`, `label:TASK`, `observed:TASK`
    baselines/DATASET-KEY/boosting/predictions.parquet
    baselines/DATASET-KEY/baselines.json                  how they were learnt, and the files' checksums

The key is of the rows and of the label spaces in which they are read, so that a dataset made anew, or read otherwise,
has baselines of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import numpy as np
from pydantic import ValidationError

from ..config import PROJECT, Frozen, baselines_folder, datasets_folder
from ..data import Progress, open_dataset
from ..data.progress import OnProgress
from ..data.writing import sha256_of
from ..errors import DatasetError, LabError, RunError
from .files import read_predictions
from .row import RunRow

__all__ = ["REPORT", "BaselineReport", "baseline_predictions", "baselines_of", "baselines_place", "learn_baselines"]

REPORT = "baselines.json"
_FORM = 1  # another way to learn gets another number
_COMMAND = [sys.executable, "-m", f"{__package__}.baseline_program"]
_POLL_SECONDS = 0.2


class BaselineReport(Frozen):
    """How the baselines of a dataset were learnt."""

    train_rows: int  # that train has
    learnt_rows: int  # that were learnt from
    crowded_fields: tuple[str, ...]  # whose rare ids boosting reads as one
    has_shared_columns: bool  # whether ids of the linear model share columns
    seconds: float
    checksums: Mapping[str, str]  # method -> sha256 of its predictions


def baselines_place(run: RunRow) -> Path | None:
    """Where the baselines on a run's rows are, or will be; None where the dataset is not here any more."""
    folder = datasets_folder() / run.config.data.dataset_name
    if run.schema is None or not folder.is_dir():
        return None
    rows = open_dataset(folder).manifest.checksums
    tasks = [task.model_dump(mode="json") for task in run.schema.tasks]
    text = json.dumps([_FORM, dict(rows), tasks], sort_keys=True)
    return baselines_folder() / f"{folder.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def baselines_of(run: RunRow) -> BaselineReport | None:
    """How they were learnt; None before they are."""
    place = baselines_place(run)
    if place is None:
        return None
    try:
        return BaselineReport.model_validate_json((place / REPORT).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def baseline_predictions(run: RunRow, method: str, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels of the test rows on which a task was observed, and what a method says of them.

    Raises:
        RunError: they are not there, or were changed since.
    """
    place, report = baselines_place(run), baselines_of(run)
    if place is None or report is None:
        raise RunError("The baselines on the data of run {run_id} have not been learnt.", run_id=run.run_id)
    file = place / method / "predictions.parquet"
    if not file.is_file() or sha256_of(file) != report.checksums.get(method):
        raise RunError(
            "The predictions of a baseline on {dataset} are missing or were changed since they were made. "
            "Delete the folder {folder} and learn the baselines again.",
            dataset=run.config.data.dataset_name,
            folder=f"baselines/{place.name}",
        )
    return read_predictions(file.parent, task)


def learn_baselines(
    run: RunRow, *, on_progress: OnProgress | None = None, is_cancelled: Callable[[], bool] | None = None
) -> BaselineReport:
    """Learn them in a child process, which takes one thread; what is there already is not learnt again.

    Args:
        run: Whose rows they shall learn from and be tested on.
        on_progress: Told the method and the share of it that is done.
        is_cancelled: Asked a few times a second; the work ends when it says yes.

    Raises:
        DatasetError: the dataset is not here, or the work was cancelled or killed.
    """
    if (found := baselines_of(run)) is not None:
        return found
    place = baselines_place(run)
    if place is None:
        raise DatasetError("There is no dataset '{dataset}' here any more.", dataset=run.config.data.dataset_name)
    job = json.dumps({"data": run.config.data.model_dump(mode="json"), "folder": str(place)})
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # more of them spin beside a training
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            _COMMAND,
            cwd=PROJECT,
            env={**os.environ, **threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with child.stdin as stdin:
                stdin.write(job.encode())
            _listen(child.stdout, run, on_progress, is_cancelled)
            child.wait()
        except BrokenPipeError:  # it ended before it had read its job
            child.wait()
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip().splitlines()
    if (found := baselines_of(run)) is not None:
        return found
    raise _reason(said, run)


def _listen(
    stdout: IO[bytes], run: RunRow, on_progress: OnProgress | None, is_cancelled: Callable[[], bool] | None
) -> None:
    """Hand on what the child says until it closes its output."""
    waiting, descriptor = b"", stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if is_cancelled is not None and is_cancelled():
                raise DatasetError(
                    "Learning the baselines on {dataset} was cancelled; nothing was kept.",
                    dataset=run.config.data.dataset_name,
                )
            if not selector.select(_POLL_SECONDS):
                continue
            said = os.read(descriptor, 1 << 16)
            if not said:
                return
            *lines, waiting = (waiting + said).split(b"\n")
            if on_progress is not None:
                for line in lines:
                    on_progress(Progress.model_validate_json(line))


def _reason(said: list[str], run: RunRow) -> LabError:
    """What the child said last, if it was a sentence of ours."""
    try:
        return LabError.from_json(said[-1])
    except (IndexError, ValueError, KeyError):
        return DatasetError(
            "Learning the baselines on {dataset} ended unexpectedly, perhaps for want of memory. Nothing was kept.",
            dataset=run.config.data.dataset_name,
        )
