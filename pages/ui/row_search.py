"""Rows worth looking at: where a field says something, where something happened, where the run is wrong or sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from mmoe_core.analysis import RowOrder
from mmoe_core.data import SEGMENT, Dataset, SplitName, field_values, find_labels
from mmoe_core.errors import LabError
from mmoe_core.runs import RunRow

from . import row_choice, row_edits, row_loaders
from .language import mark, t, task_label, translate_error

__all__ = ["offer"]

_PAGE, _MOST_FOUND, _TABLE = 10, 50, "row_found"
_ORDERS: dict[str, RowOrder] = {"wrong": "wrong", "highest": "highest", "lowest": "lowest"}
_WAYS = {
    "label": mark("where something happened"),
    "says": mark("where a field says something"),
    "wrong": mark("where the run is most wrong"),
    "highest": mark("where its prediction is highest"),
    "lowest": mark("where its prediction is lowest"),
}


def offer(run: RunRow, data: Dataset, split: SplitName) -> None:
    """Search, and pages of what was found; a click on a line looks at its row."""
    ways = [way for way in _WAYS if way not in _ORDERS or split == "test"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.selectbox(
            t("Rows"), ways, index=None, format_func=lambda one: t(_WAYS[one]), key="row_way", placeholder=t("search")
        )
        if way is None:
            return
        rows, error = _found(run, data, split, way)
    if error:
        st.info(translate_error(error))
        return
    if not len(rows):
        st.caption(t("No row was found."))
        return
    pages = -(-len(rows) // _PAGE)
    page = st.number_input(
        t("{count} rows, page 1 to {pages}", count=f"{len(rows):,}", pages=f"{pages:,}"), 1, pages, key="row_page"
    )
    shown = rows[(page - 1) * _PAGE : page * _PAGE]
    st.dataframe(
        _table(run, data, split, shown),
        hide_index=True,
        height="content",
        key=_TABLE,
        selection_mode="single-row",
        on_select=lambda: _chosen(shown),
    )


def _found(run: RunRow, data: Dataset, split: SplitName, way: str) -> tuple[np.ndarray, LabError | None]:
    if way == "says":
        return _saying(data, split)
    kinds = {task.name: task.kind for task in data.schema.tasks}
    tasks = [task for task, kind in kinds.items() if way in _ORDERS or kind == "binary"]
    if not tasks:
        return np.empty(0, np.int64), None
    task = st.selectbox(t("Task"), tasks, index=len(tasks) - 1, format_func=task_label, key="row_task")
    if way in _ORDERS:
        return row_loaders.ordered(run, data, task, _ORDERS[way])
    return row_loaders.with_label(data, split, task), None


def _saying(data: Dataset, split: SplitName) -> tuple[np.ndarray, LabError | None]:
    names = row_edits.field_names(data)
    if data.schema.is_simulated:
        names = {SEGMENT: t(SEGMENT), **names}
    field = st.selectbox(t("Field"), list(names), format_func=names.__getitem__, key="row_says")
    said = st.selectbox(t("Says"), _values(data, split, field), key=f"row_said_{field}")
    if said is None:
        return np.empty(0, np.int64), None
    try:
        return row_loaders.saying(data, split, field, said), None
    except LabError as error:
        return np.empty(0, np.int64), error


def _values(data: Dataset, split: SplitName, field: str) -> list[str]:
    """What the field can say; of many labels those that hold what is typed."""
    if field == SEGMENT:
        return list(data.manifest.segments)
    if field in (one.name for one in data.schema.id_fields):
        labels = row_loaders.vocabulary(data, field)
        typed = st.text_input(t("Holds"), key=f"row_holds_{field}") if len(labels) > _MOST_FOUND else ""
        return [str(labels[place]) for place in find_labels(labels, typed or "", _MOST_FOUND)]
    some = np.arange(min(len(data.split(split)), 10_000))
    return [str(value) for value in np.unique(field_values(data, split, field, some))]


def _table(run: RunRow, data: Dataset, split: SplitName, rows: np.ndarray) -> dict[str, Any]:
    arrays = data.split(split)
    table: dict[str, Any] = {t("row"): rows}
    for place, task in enumerate(data.schema.task_names):
        observed, labels = arrays.observed_NT[rows, place], arrays.labels_NT[rows, place]
        table[task_label(task)] = [
            f"{label:.4g}" if is_seen else "–" for label, is_seen in zip(labels, observed, strict=True)
        ]
        if split == "test":
            scores, error = row_loaders.scores(run, data, task)
            if error is None:
                table[t("prediction, {task}", task=task_label(task))] = [
                    "–" if np.isnan(score) else f"{score:.3g}" for score in scores[rows]
                ]
    return table


def _chosen(shown: np.ndarray) -> None:
    picked = st.session_state[_TABLE]["selection"]["rows"]
    if picked and picked[0] < len(shown):
        row_choice.go_to(int(shown[picked[0]]))
