"""What the Results and Compare pages read of runs, and keep while it does not change any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import TaskGain, calibration_frame, validation_curve
from mmoe_core.config import runs_folder
from mmoe_core.errors import LabError
from mmoe_core.records import EndRecord
from mmoe_core.runs import (
    BaselineReport,
    BaselineScore,
    Refusal,
    RunRow,
    TaskComparison,
    compare,
    single_task_runs,
    task_gains,
)
from mmoe_core.runs import against_baselines as judge_by_baselines

from .language import t
from .loaders import store

__all__ = ["against_baselines", "calibration", "comparisons", "end", "gains", "singles", "validation"]


def end(run: RunRow | None) -> EndRecord | None:
    """A run's last word; None before it has ended."""
    return None if run is None else store().end(run.run_id)


def calibration(run: RunRow) -> tuple[dict[str, pd.DataFrame], LabError | None]:
    """The calibration curve of each binary task, or why there is none."""
    try:
        with st.spinner(t("Reading the predictions …")):
            return _calibration(str(runs_folder()), run.run_id, run), None
    except LabError as refused:
        return {}, refused


@st.cache_data(max_entries=32, show_spinner=False)
def _calibration(folder: str, run_id: str, _run: RunRow) -> dict[str, pd.DataFrame]:
    del folder  # the key
    tasks = [task.name for task in _run.schema.tasks if task.kind == "binary"] if _run.schema else []
    return {task: calibration_frame(*store().predictions(run_id, task)) for task in tasks}


def singles(run: RunRow) -> list[RunRow]:
    """The single-task runs that a run is judged against, newest first."""
    return single_task_runs(run, store=store())


def gains(run: RunRow, against: Sequence[RunRow]) -> tuple[dict[str, TaskGain | None], LabError | None]:
    """What each task has gained over single-task runs, or why nobody can say."""
    try:
        with st.spinner(t("Reading the predictions …")):
            return _gains(str(runs_folder()), run.run_id, [row.run_id for row in against], run, against), None
    except LabError as refused:
        return {}, refused


@st.cache_data(max_entries=32, show_spinner=False)
def _gains(
    folder: str, run_id: str, against_ids: Sequence[str], _run: RunRow, _against: Sequence[RunRow]
) -> dict[str, TaskGain | None]:
    del folder, run_id, against_ids  # the key
    return task_gains(_run, _against, store=store())


def comparisons(
    rows: Sequence[RunRow], baseline: RunRow
) -> tuple[list[TaskComparison], list[Refusal], LabError | None]:
    """Runs against the baseline, those that cannot be compared, or why the baseline cannot be one."""
    try:
        with st.spinner(t("Reading the predictions …")):
            states = [(row.run_id, row.state) for row in (baseline, *rows)]
            return *_comparisons(str(runs_folder()), states, rows, baseline), None
    except LabError as refused:
        return [], [], refused


@st.cache_data(max_entries=32, show_spinner=False)
def _comparisons(
    folder: str, states: Sequence[tuple[str, str]], _rows: Sequence[RunRow], _baseline: RunRow
) -> tuple[list[TaskComparison], list[Refusal]]:
    del folder, states  # the key
    return compare(_rows, _baseline, store=store())


def against_baselines(
    rows: Sequence[RunRow], report: BaselineReport
) -> tuple[list[BaselineScore], list[Refusal], LabError | None]:
    """Runs against logistic regression and gradient boosting, or why nobody can say."""
    try:
        with st.spinner(t("Reading the predictions …")):
            states = [(row.run_id, row.state) for row in rows]
            return *_against_baselines(str(runs_folder()), states, dict(report.checksums), rows), None
    except LabError as refused:
        return [], [], refused


@st.cache_data(max_entries=32, show_spinner=False)
def _against_baselines(
    folder: str, states: Sequence[tuple[str, str]], checksums: Mapping[str, str], _rows: Sequence[RunRow]
) -> tuple[list[BaselineScore], list[Refusal]]:
    del folder, states, checksums  # the key
    return judge_by_baselines(_rows, store=store())


def validation(run: RunRow) -> pd.DataFrame:
    """How a run did on validation, so far."""
    return _validation(str(runs_folder()), run.run_id, run.steps, run.state)


@st.cache_data(max_entries=32, show_spinner=False)
def _validation(folder: str, run_id: str, steps: int, state: str) -> pd.DataFrame:
    del folder, steps, state  # the key
    return validation_curve(store().records(run_id, ["evaluation", "epoch"]))
