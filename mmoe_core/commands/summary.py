"""A run in numbers, as `train` and `show` end with it."""

from __future__ import annotations

from typing import Any

from ..config import Schema, ScoreSpace, score_space
from ..records import TaskMetrics
from ..runs import RunRow, Store
from .answer import say_table

__all__ = ["say_summary", "summary"]

_RANKING = (
    "auc",
    "auc_low",
    "auc_high",
    "positives",
    "oracle_auc",
    "expected_auc",
    "gauc",
    "gauc_low",
    "gauc_high",
    "gauc_users",
    "gauc_rows",
    "pr_auc",
)
_ERRORS = ("loss", "normalised_entropy", "brier", "ece", "rmse", "mae", "r2")
_METRICS = ("kind", *_RANKING, *_ERRORS)


def summary(store: Store, row: RunRow) -> dict[str, Any]:
    """`run_id`, `state`, `steps`, `rows_per_second`, and per task the metrics of the best weights on the test split.

    Under ESMM also `cvr_metrics`: of a product's second factor alone, on the rows that were clicked.
    """
    end = store.end(row.run_id)
    metrics = _undefined(row.schema) if end is None else end.metrics
    factors = {} if end is None else end.cvr_metrics
    tasks = row.schema.tasks if row.schema else ()
    spaces = {task.name: score_space(task, row.config.model) for task in tasks}
    return {
        "run_id": row.run_id,
        "state": row.state,
        "steps": row.steps,
        "rows_per_second": store.rows_per_second(row.run_id),
        "tasks": {task: _told(found, spaces.get(task, "rows")) for task, found in metrics.items()},
        **({"cvr_metrics": {task: _told(found, "cvr") for task, found in factors.items()}} if factors else {}),
    }


def say_summary(found: dict[str, Any]) -> None:
    """The same for people: how rows are ordered, then how far off the scores are; what no task has is left out."""
    say_table(
        ("run", "state", "steps", "rows/s"), [[found[key] for key in ("run_id", "state", "steps", "rows_per_second")]]
    )
    told = [(task, of) for part in ("tasks", "cvr_metrics") for task, of in found.get(part, {}).items()]
    for names in (_RANKING, _ERRORS):
        there = [name for name in names if any(metrics[name] is not None for _, metrics in told)]
        if there:
            rows = [(task, metrics["label_space"], *(metrics[name] for name in there)) for task, metrics in told]
            say_table(("\ntask", "\nlabel_space", *(f"\n{name}" for name in there)), rows)


def _told(found: TaskMetrics, space: ScoreSpace) -> dict[str, Any]:
    return {"label_space": space, **{name: getattr(found, name) for name in _METRICS}}


def _undefined(schema: Schema | None) -> dict[str, TaskMetrics]:
    if schema is None:
        return {}
    return {task.name: TaskMetrics(kind=task.kind, rows=0, loss=None) for task in schema.tasks}
