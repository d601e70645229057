"""Runs against the baselines on the same test rows: is a network worth it here?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..config import TaskSpec
from ..errors import RunError
from ..metrics import auc_interval
from .baselines import baseline_predictions
from .comparing import Refusal, check_tested, comparable_tasks
from .row import RunRow
from .store import Store

if TYPE_CHECKING:
    from ..analysis import Method, TaskGain

__all__ = ["BaselineScore", "against_baselines"]


@dataclass(frozen=True)
class BaselineScore:
    """One task as a baseline does it, and what each run does better.

    Attributes:
        task: Its name.
        method: What learnt.
        measure: `auc` or `rmse`.
        value: Of the baseline on test; None where it is undefined.
        low: 95 % interval of an AUC; likewise `high`.
        rows: Test rows on which the task was observed.
        positives: Of these; None of a regression.
        gains: Run → that run less the baseline; None where undefined. A run that cannot be compared is not in it.
    """

    task: str
    method: Method
    measure: str
    value: float | None
    low: float | None
    high: float | None
    rows: int
    positives: int | None
    gains: Mapping[str, TaskGain | None]


def against_baselines(rows: Sequence[RunRow], *, store: Store) -> tuple[list[BaselineScore], list[Refusal]]:
    """Every task of the first run by every method, and the runs against it.

    Args:
        rows: At least one; the first one's dataset and label spaces count.
        store: Where they are.

    Returns:
        What was found, task by task, and the runs that cannot be compared, with the reason.

    Raises:
        RunError: the baselines have not been learnt, or were changed since.
    """
    from ..analysis import METHODS

    first, tested, refused = rows[0], [], []
    for row in rows:
        try:
            check_tested(row, store)
            tested.append(row)
        except RunError as error:
            refused.append(Refusal(row.run_id, error))
    found = []
    for task in first.schema.tasks if first.schema else ():
        able = [row for row in tested if task in comparable_tasks(row, first)]
        found += [_score(task, method, able, first, store) for method in METHODS]
    return found, refused


def _score(task: TaskSpec, method: Method, rows: Sequence[RunRow], first: RunRow, store: Store) -> BaselineScore:
    from ..analysis import task_gain  # pandas: a trainer does without

    labels_N, scores_N = baseline_predictions(first, method, task.name)
    gains = {}
    for row in rows:
        same_N, run_N = store.predictions(row.run_id, task.name)
        if not np.array_equal(labels_N, same_N):
            raise RunError(
                "Run {run_id} was tested on other rows than the baselines: its dataset was replaced in between. "
                "Train it again.",
                run_id=row.run_id,
            )
        gains[row.run_id] = task_gain(task.kind, labels_N, run_N, [scores_N])
    if task.kind == "regression":
        rmse = float(np.sqrt(np.mean((labels_N.astype(np.float64) - scores_N) ** 2))) if labels_N.size else None
        return BaselineScore(task.name, method, "rmse", rmse, None, None, labels_N.size, None, gains)
    auc = auc_interval(labels_N, scores_N)
    return BaselineScore(task.name, method, "auc", auc.auc, auc.low, auc.high, labels_N.size, auc.positives, gains)
