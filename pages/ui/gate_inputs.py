"""What is chosen on pages about gates: the run, the level, the moment, the pair that is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mmoe_core.analysis import Measure
from mmoe_core.config import Audience
from mmoe_core.records import GateLevel, GateSnapshot
from mmoe_core.runs import RunRow

from . import link, story
from .gate_words import level_name, say_level
from .language import expert_label, plain, t
from .look import look
from .spaces import task_in_space
from .summary import architecture_text

__all__ = [
    "MOST_FRAMES",
    "MOST_RIDGES",
    "MOST_RUNS",
    "histogram",
    "pick_level",
    "pick_measure",
    "pick_pair",
    "pick_run",
    "pick_snapshot",
    "say_distance",
    "say_nothing_yet",
    "say_spaces",
    "show",
    "told_apart",
]

MOST_RUNS = 200
MOST_FRAMES = 60  # of a film that plays; more would only make the page heavy
MOST_RIDGES = 24
_RUN, _LEVEL, _MEASURE = "run", "level", "measure"


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


def show(run_id: str) -> None:
    """Choose a run in somebody's place, before the page is drawn."""
    st.session_state[_RUN] = run_id


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


def say_nothing_yet() -> None:
    """How to come by gates."""
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("gates.empty"))
        st.page_link("train.py", label=t("Train one yourself"))


def pick_measure() -> tuple[Measure, float]:
    """What of a weight is filmed, and how large it can get: a weight's deviation is at most a half."""
    names: dict[Measure, str] = {"mean": t("mean over the rows"), "sd": t("standard deviation over the rows")}
    chosen = st.segmented_control(
        t("Gate weight"), list(names), format_func=names.__getitem__, default="mean", key=_MEASURE
    )
    return ("sd", 0.5) if chosen == "sd" else ("mean", 1.0)


def pick_pair(who: Audience, level: GateLevel) -> tuple[str, str, str]:
    """A reader and an expert that it can hear, at first the one with the largest weight; and the reader's colour."""
    left, right = st.columns(2)
    names = {name: expert_label(name) for name in (*who.readers, *who.experts)}
    reader = left.selectbox(
        t("Gate of"), who.readers, format_func=names.__getitem__, key=f"reader of {len(who.readers)}"
    )
    weights = dict(zip(level.experts, level.mean_RE[who.readers.index(reader)], strict=True))
    heard = [expert for expert in who.experts if who.hears(reader, expert)]
    largest = heard.index(max(heard, key=weights.__getitem__))
    expert = right.selectbox(
        t("Expert"), heard, index=largest, format_func=names.__getitem__, key=f"expert of {reader}"
    )
    color = look().task(who.tasks, reader) if reader in who.tasks else look().quiet
    return reader, expert, color


def say_spaces(run: RunRow) -> None:
    """The tasks, and over which rows each of them is learnt."""
    tasks = run.schema.tasks if run.schema else ()
    st.caption("\u2003".join(f"**{plain(said)}**" for said in task_in_space(tasks, run.config.model).values()))


def histogram(level: GateLevel) -> np.ndarray:
    """Rows per bin, shape (R, E, K)."""
    return np.asarray(level.histogram_REK)


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
