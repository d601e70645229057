"""What is chosen on the Gates page: the run, the moment, the kind of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mmoe_core.analysis import keep_largest
from mmoe_core.config import Schema
from mmoe_core.data.writing import SEGMENT
from mmoe_core.records import GateLevel, GateSnapshot
from mmoe_core.runs import RunRow

from . import link
from .gate_words import level_name, say_level
from .language import expert_label, plain, t
from .spaces import task_in_space
from .summary import architecture_text

__all__ = [
    "MOST_RUNS",
    "histogram",
    "pick_level",
    "pick_run",
    "pick_segment",
    "pick_snapshot",
    "readable",
    "say_distance",
    "say_information",
    "say_spaces",
    "told_apart",
]

MOST_RUNS = 200
_MOST_SEGMENTS = 12
_RUN, _FIELD, _EPOCH, _LEVEL = "run", "by", "weights", "level"


def pick_run(rows: Sequence[RunRow]) -> RunRow | None:
    """One of the runs; the address names it, else the newest that has said anything."""
    by_id = {row.run_id: row for row in rows if row.steps > 0 and row.schema is not None}
    if not by_id:
        return None
    named = link.chosen_run()
    first = named if named in by_id else next(iter(by_id))
    st.session_state.setdefault(_RUN, first)
    if st.session_state[_RUN] not in by_id:
        st.session_state[_RUN] = first
    titles = told_apart({run_id: _title(row) for run_id, row in by_id.items()})
    chosen = st.selectbox(t("Run"), list(by_id), format_func=titles.__getitem__, key=_RUN)
    link.choose_run(chosen)
    return by_id[chosen]


def told_apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles by a run's id; browsers send titles back, so that two of one title would be one: then its id follows."""
    counts = Counter(titles.values())
    return {run_id: title if counts[title] == 1 else f"{title} · {run_id}" for run_id, title in titles.items()}


def _title(row: RunRow) -> str:
    name = ("" if row.parent_run_id is None else "↳ ") + (row.name or row.config.data.dataset_name)
    return f"{name} · {architecture_text(row)} · {t(row.state)} · {row.created_at:%Y-%m-%d %H:%M} UTC"


def pick_snapshot(snapshots: Sequence[GateSnapshot]) -> GateSnapshot:
    """A moment of the run; the last one until somebody moves the slider."""
    by_step = {snapshot.step: snapshot for snapshot in snapshots}
    steps = list(by_step)
    if len(steps) == 1:
        return snapshots[0]
    return by_step[st.select_slider(t("Training step"), steps, value=steps[-1], format_func=lambda step: f"{step:,}")]


def pick_level(run: RunRow, count: int) -> int:
    """Which level of gates; where there are several, the tasks' own until somebody looks below."""
    places = list(range(count))
    if count == 1:
        return 0
    names = {place: level_name(place, count) for place in places}
    chosen = st.segmented_control(t("Level"), places, format_func=names.__getitem__, default=places[-1], key=_LEVEL)
    place = places[-1] if chosen is None else chosen
    say_level(run.config.model, place, count)
    return place


def say_spaces(run: RunRow) -> None:
    """The tasks, and over which rows each of them is learnt."""
    tasks = run.schema.tasks if run.schema else ()
    st.caption("\u2003".join(f"**{plain(said)}**" for said in task_in_space(tasks, run.config.model).values()))


def histogram(level: GateLevel) -> np.ndarray:
    """Rows per bin, shape (R, E, K)."""
    return np.asarray(level.histogram_REK)


def pick_segment(schema: Schema) -> tuple[str, int | str]:
    """A field to group rows by, and whose gates: of the best weights or untrained."""
    meanings = {field.name: field.meaning for field in (*schema.id_fields, *schema.value_fields)}
    names = [SEGMENT, *meanings] if schema.is_simulated else list(meanings)
    titles = {name: f"{name} · {t(meanings[name])}" if meanings.get(name) else t(name) for name in names}
    left, right = st.columns([2, 1])
    field = left.selectbox(
        t("Group the rows by"),
        names,
        format_func=titles.__getitem__,
        key=_FIELD,
    )
    epochs: dict[int | str, str] = {"best": t("best weights"), 0: t("untrained")}
    epoch = right.segmented_control(
        t("Gates of"), list(epochs), format_func=epochs.__getitem__, default="best", key=_EPOCH
    )
    return field, "best" if epoch is None else epoch


def readable(values_B: np.ndarray) -> np.ndarray:
    """The largest groups by name, the rest as one."""
    return keep_largest(values_B, _MOST_SEGMENTS, rest=t("others"))


def say_information(bits: Mapping[str, float]) -> None:
    """What a row's top expert tells about its group, by task."""
    told = (t("{task} {bits} bits", task=expert_label(task), bits=f"{value:.2f}") for task, value in bits.items())
    st.caption(t("What a row's top expert tells about its group: {told}", told=" · ".join(told)))


def say_distance(distances: pd.Series, step: int) -> None:
    """The distance between the readers' mean gates, now and untrained."""
    if len(distances):
        st.caption(
            t(
                "Jensen–Shannon distance between the mean gates at step {step}: {now} (untrained {untrained})",
                step=f"{step:,}",
                now=f"{distances.loc[step]:.2f}",
                untrained=f"{distances.iloc[0]:.2f}",
            )
        )
