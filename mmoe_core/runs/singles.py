"""The single-task runs that a run is judged against: real ones, in the same store, tested on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import RunError
from ..records import EndRecord
from .row import RunRow
from .store import Store

if TYPE_CHECKING:
    from ..analysis import TaskGain

__all__ = ["single_task_runs", "task_gains"]


def single_task_runs(run: RunRow, *, store: Store) -> list[RunRow]:
    """Finished single-task runs on the same data with the same tasks, newest first; the run itself is not one of them.

    The same data: the same dials or files, fields as large as this run's, as many test rows and positives.
    """
    mine = _tested_on(store.end(run.run_id))
    return [
        row
        for row in store.finished_rows("single")
        if row.run_id != run.run_id
        and row.config.data == run.config.data
        and row.schema == run.schema
        and _tested_on(store.end(row.run_id)) == mine
    ]


def task_gains(run: RunRow, singles: Sequence[RunRow], *, store: Store) -> dict[str, TaskGain | None]:
    """Each task's gain over single-task runs; None where it is undefined.

    Args:
        run: One that has ended.
        singles: From `single_task_runs`, at least one.
        store: Where they all are.

    Raises:
        RunError: predictions were not kept, or are of other rows.
    """
    from ..analysis import task_gain  # pandas: a trainer does without

    gains = {}
    for task in run.schema.tasks if run.schema else ():
        labels_N, scores_N = store.predictions(run.run_id, task.name)
        alone = []
        for single in singles:
            same_N, single_N = store.predictions(single.run_id, task.name)
            if not np.array_equal(labels_N, same_N):
                raise RunError(
                    "Runs {run_id} and {other} were tested on other rows: their dataset was replaced in between. "
                    "Train one of them again.",
                    run_id=run.run_id,
                    other=single.run_id,
                )
            alone.append(single_N)
        gains[task.name] = task_gain(task.kind, labels_N, scores_N, alone)
    return gains


def _tested_on(end: EndRecord | None) -> dict[str, tuple[int, int | None]] | None:
    """Rows and positives of each task's test."""
    return None if end is None else {task: (found.rows, found.positives) for task, found in end.metrics.items()}
