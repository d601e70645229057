"""A run in numbers, as `train` and `show` end with it."""

from __future__ import annotations

from typing import Any

from ..config import Schema, ScoreSpace, score_space
from ..records import EndRecord, TaskMetrics
from ..runs import RunRow, Store
from .answer import say_table

__all__ = ["say_summary", "summary"]

_METRICS = (
    "kind",
    "loss",
    "auc",
    "auc_low",
    "auc_high",
    "positives",
    "oracle_auc",
    "expected_auc",
    "rmse",
    "r2",
)


def summary(store: Store, row: RunRow) -> dict[str, Any]:
    """`run_id`, `state`, `steps`, `rows_per_second`, and per task the metrics of the best weights on the test split.

    Under ESMM also `cvr_metrics`: of a product's second factor alone, on the rows that were clicked.
    """
    ends = [record for record in store.records(row.run_id, ["end"]) if isinstance(record, EndRecord)]
    metrics = ends[-1].metrics if ends else _undefined(row.schema)
    factors = ends[-1].cvr_metrics if ends else {}
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
    """The same for people."""
    say_table(
        ("run", "state", "steps", "rows/s"), [[found[key] for key in ("run_id", "state", "steps", "rows_per_second")]]
    )
    if found["tasks"]:
        say_table(
            ("\ntask", "\nlabel_space", *(f"\n{name}" for name in _METRICS)),
            [
                (task, *metrics.values())
                for of_tasks in (found["tasks"], found.get("cvr_metrics", {}))
                for task, metrics in of_tasks.items()
            ],
        )


def _told(found: TaskMetrics, space: ScoreSpace) -> dict[str, Any]:
    return {"label_space": space, **{name: getattr(found, name) for name in _METRICS}}


def _undefined(schema: Schema | None) -> dict[str, TaskMetrics]:
    if schema is None:
        return {}
    return {task.name: TaskMetrics(kind=task.kind, rows=0, loss=None) for task in schema.tasks}
