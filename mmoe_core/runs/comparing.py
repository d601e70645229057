"""Runs against one of them, the baseline: on the same test rows or not at all, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..config import TaskSpec
from ..errors import LabError, RunError
from .row import RunRow
from .store import Store

if TYPE_CHECKING:
    from ..analysis import TaskGain

__all__ = ["Refusal", "TaskComparison", "check_tested", "comparable_tasks", "compare", "is_on_same_data"]


@dataclass(frozen=True)
class TaskComparison:
    """One task of a run against the baseline.

    Attributes:
        task: Its name.
        run_id: The one; `found.difference` of its gain is above 0 where its measure is the larger one.
        baseline_id: The other.
        gain: `None` where the measure is undefined on these rows.
    """

    task: str
    run_id: str
    baseline_id: str
    gain: TaskGain | None


@dataclass(frozen=True)
class Refusal:
    """A run, or one task of it, that cannot be compared with the baseline, and why."""

    run_id: str
    reason: LabError


def compare(rows: Iterable[RunRow], baseline: RunRow, *, store: Store) -> tuple[list[TaskComparison], list[Refusal]]:
    """Each run's test against the baseline's: whatever is not in the first answer is in the second.

    One task whose labels are others is enough to refuse a run: then its other tasks' rows are others, too.

    Args:
        rows: The runs; the baseline itself is passed over.
        baseline: One that has ended.
        store: Where they all are.

    Raises:
        RunError: the baseline has not been tested.
    """
    check_tested(baseline, store)
    found: list[TaskComparison] = []
    refused: list[Refusal] = []
    for row in rows:
        if row.run_id == baseline.run_id:
            continue
        try:
            check_tested(row, store)
            _check_data(row, baseline)
            found += [_against(task, row, baseline, store) for task in comparable_tasks(row, baseline)]
        except RunError as error:
            refused.append(Refusal(row.run_id, error))
        else:
            refused += [Refusal(row.run_id, error) for error in _other_tasks(row, baseline)]
    return found, refused


def is_on_same_data(row: RunRow, other: RunRow) -> bool:
    """Whether both read the same dials or files; their tasks may mean different things all the same."""
    return row.config.data.as_stored == other.config.data.as_stored


def comparable_tasks(row: RunRow, other: RunRow) -> list[TaskSpec]:
    """Tasks that mean the same in both runs: kind, label space, rows on which they are observed; none on other data."""
    if row.schema is None or other.schema is None or not is_on_same_data(row, other):
        return []
    return [task for task in row.schema.tasks if task in other.schema.tasks]


def check_tested(row: RunRow, store: Store) -> None:
    """Whether a run's best weights have scored the test split.

    Raises:
        RunError: not yet.
    """
    if store.end(row.run_id) is None:
        raise RunError(
            "Run {run_id} is {state}: its best weights have not been tested. "
            "Only a run that has ended can be compared.",
            run_id=row.run_id,
            state=row.state,
        )


def _check_data(row: RunRow, baseline: RunRow) -> None:
    if not is_on_same_data(row, baseline):
        raise RunError(
            "Run {run_id} was tested on rows of {dataset}, the baseline {baseline} on rows of {other}. "
            "Only runs on the same data can be compared.",
            run_id=row.run_id,
            dataset=row.config.data.dataset_name,
            baseline=baseline.run_id,
            other=baseline.config.data.dataset_name,
        )


def _other_tasks(row: RunRow, baseline: RunRow) -> list[RunError]:
    """What is to be said of the tasks that only one of them has, or that mean something else in the other."""
    mine, others = ({task.name: task for task in run.schema.tasks} if run.schema else {} for run in (row, baseline))
    said = []
    for name in dict.fromkeys((*mine, *others)):
        if name not in mine or name not in others:
            said.append(
                RunError(
                    "Task '{task}' is in one of the runs {run_id} and {baseline} only.",
                    task=name,
                    run_id=row.run_id,
                    baseline=baseline.run_id,
                )
            )
        elif mine[name] != others[name]:
            said.append(
                RunError(
                    "Task '{task}' means '{space}' in run {run_id} and '{other}' in the baseline {baseline}: its label "
                    "is read over other rows. Train one of them again with the other's label space.",
                    task=name,
                    space=mine[name].label_space,
                    run_id=row.run_id,
                    other=others[name].label_space,
                    baseline=baseline.run_id,
                )
            )
    return said


def _against(task: TaskSpec, row: RunRow, baseline: RunRow, store: Store) -> TaskComparison:
    from ..analysis import task_gain  # pandas: a trainer does without

    labels_N, scores_N = store.predictions(row.run_id, task.name)
    same_N, baseline_N = store.predictions(baseline.run_id, task.name)
    if not np.array_equal(labels_N, same_N):
        raise RunError(
            "Runs {run_id} and {other} were tested on other rows: their dataset was replaced in between. "
            "Train one of them again.",
            run_id=row.run_id,
            other=baseline.run_id,
        )
    return TaskComparison(
        task.name, row.run_id, baseline.run_id, task_gain(task.kind, labels_N, scores_N, [baseline_N])
    )
