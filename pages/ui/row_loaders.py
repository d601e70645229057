"""What the row page reads of a run's rows and predictions, and keeps."""

from __future__ import annotations

import numpy as np
import streamlit as st

from mmoe_core.analysis import RowOrder, over_all_rows, rows_in_order
from mmoe_core.analysis.lens import RowTrace, Trace
from mmoe_core.config import runs_folder
from mmoe_core.data import Dataset, SplitName, positive_rows, rows_that_say, value_range
from mmoe_core.errors import LabError
from mmoe_core.runs import RunRow

from .lens_loaders import ask
from .loaders import store

__all__ = ["first_row", "ordered", "reach", "saying", "scores", "traced", "vocabulary", "with_label"]


def traced(run: RunRow, epoch: int | str, question: Trace) -> tuple[RowTrace | None, LabError | None]:
    """A row's way through a run's network, or why there is none."""
    answer, error = ask(run, epoch, question)
    return (answer if isinstance(answer, RowTrace) else None), error


def vocabulary(data: Dataset, field: str) -> np.ndarray:
    """The labels of an id field."""
    return _vocabulary(*_key(data), field, data)


@st.cache_resource(max_entries=16, show_spinner=False)
def _vocabulary(folder: str, created: str, field: str, _data: Dataset) -> np.ndarray:
    del folder, created  # the key
    return _data.vocabulary(field)


def reach(data: Dataset, field: str) -> tuple[float, float]:
    """How far a value field goes in train."""
    return _reach(*_key(data), field, data)


@st.cache_data(max_entries=64, show_spinner=False)
def _reach(folder: str, created: str, field: str, _data: Dataset) -> tuple[float, float]:
    del folder, created  # the key
    return value_range(_data, field)


def first_row(data: Dataset, split: SplitName) -> int:
    """The first row on which the last task happened; the first of all where it never did."""
    found = positive_rows(data.split(split), len(data.schema.tasks) - 1)
    return int(found[0]) if len(found) else 0


def with_label(data: Dataset, split: SplitName, task: str) -> np.ndarray:
    """The rows on which a task happened."""
    return positive_rows(data.split(split), data.schema.task_names.index(task))


def saying(data: Dataset, split: SplitName, field: str, said: str) -> np.ndarray:
    """The rows on which a field says something."""
    return _saying(*_key(data), split, field, said, data)


@st.cache_data(max_entries=16, show_spinner=False)
def _saying(folder: str, created: str, split: SplitName, field: str, said: str, _data: Dataset) -> np.ndarray:
    del folder, created  # the key
    return rows_that_say(_data, split, field, said)


def scores(run: RunRow, data: Dataset, task: str) -> tuple[np.ndarray, LabError | None]:
    """What the best weights said of every test row, NaN where the task was not observed; or why nobody knows."""
    try:
        return _scores(str(runs_folder()), run.run_id, task, data), None
    except LabError as error:
        return np.empty(0), error


@st.cache_data(max_entries=32, show_spinner=False)
def _scores(folder: str, run_id: str, task: str, _data: Dataset) -> np.ndarray:
    del folder  # the key
    _, found = store().predictions(run_id, task)
    place = _data.schema.task_names.index(task)
    return over_all_rows(_data.split("test").observed_NT[:, place], found)


def ordered(run: RunRow, data: Dataset, task: str, by: RowOrder) -> tuple[np.ndarray, LabError | None]:
    """Test rows, first those that the run is most wrong or most sure about; or why nobody knows."""
    try:
        return _ordered(str(runs_folder()), run.run_id, task, by, data), None
    except LabError as error:
        return np.empty(0, np.int64), error


@st.cache_data(max_entries=16, show_spinner=False)
def _ordered(folder: str, run_id: str, task: str, by: RowOrder, _data: Dataset) -> np.ndarray:
    labels_N = _data.split("test").labels_NT[:, _data.schema.task_names.index(task)]
    return rows_in_order(labels_N, _scores(folder, run_id, task, _data), by)


def _key(data: Dataset) -> tuple[str, str]:
    return str(data.folder), data.manifest.created
