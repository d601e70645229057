"""Watching a run from the terminal, by reading the store: a bar where there is somebody to see it."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..records import EpochRecord, EvaluationRecord, Record, StepRecord, record_from_json
from ..runs import RunRow, Store

__all__ = ["follow"]

_POLL_S = 0.1


def follow(store: Store, run_id: str) -> RunRow:
    """Watch until the run's process is gone, at its end or before."""
    seen = _Seen()
    cursor = 0
    console = Console(stderr=True)
    columns = (TextColumn("{task.fields[state]}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    numbers = TextColumn("{task.fields[numbers]}", markup=False)
    with Progress(*columns, numbers, console=console, disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("", total=None, state="", numbers="")
        while True:
            row = store.row(run_id)  # before the records: no end without all that led to it
            for seq, body in store.bodies(run_id, after=cursor):
                seen.record(record_from_json(body))
                cursor = seq
            progress.update(bar, completed=row.steps, total=row.total_steps, state=row.state, numbers=seen.numbers)
            if not row.is_live and not store.has_process(run_id):
                return row
            time.sleep(_POLL_S)


class _Seen:
    """The latest loss and AUC of every task, and the speed so far."""

    def __init__(self) -> None:
        self._losses: Mapping[str, float] = {}
        self._aucs: dict[str, float | None] = {}
        self._rows = 0
        self._elapsed_s = 0.0

    def record(self, record: Record) -> None:
        match record:
            case StepRecord():
                self._losses = record.task_losses
                self._rows += record.rows
                self._elapsed_s = record.elapsed_s
            case EvaluationRecord() | EpochRecord():
                self._aucs = {task: metrics.auc for task, metrics in record.metrics.items()}

    @property
    def numbers(self) -> str:
        parts = []
        for task, loss in self._losses.items():
            auc = self._aucs.get(task)
            parts.append(f"{task}: loss {loss:.4f}" + ("" if auc is None else f", AUC {auc:.4f}"))
        if self._elapsed_s > 0:
            parts.append(f"{self._rows / self._elapsed_s:,.0f} rows/s")
        return " · ".join(parts)
