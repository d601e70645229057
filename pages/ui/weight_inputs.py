"""What is asked of a sweep of weights: its base, what is swept and how far, on how many seeds."""

from __future__ import annotations

import streamlit as st

from mmoe_core.config import RunConfig, TaskSpec, WeightSweep, preset
from mmoe_core.errors import LabError

from . import gate_inputs, loaders
from .language import mark, t, task_label

__all__ = ["pick_plan", "pick_tasks"]

_WEIGHTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_PRESETS = {"classroom": mark("Classroom"), "census": mark("Census")}
_MOST_RUNS = 20


def pick_plan() -> tuple[WeightSweep | None, LabError | None]:
    """The sweep as it is chosen now, or why its data cannot be had."""
    config = _pick_base()
    data, error = loaders.dataset(config.data)
    if data is None or len(data.schema.tasks) < 2:
        st.caption(t("A sweep needs data with two tasks that are there already."))
        return None, error
    left, right = st.columns(2)
    tasks = data.schema.task_names
    task = left.selectbox(t("Task whose weight is swept"), tasks, index=1, format_func=task_label, key="sweep_task")
    others = [None, *(other for other in tasks if other != task)]
    against = right.selectbox(
        t("As a ratio to"), others, format_func=lambda other: task_label(other) if other else t("none"), key="against"
    )
    low, high = st.select_slider(
        t("From weight … to weight"), _WEIGHTS, (0.1, 10.0), format_func=lambda weight: f"{weight:g}", key="range"
    )
    points, seeds, alone = st.columns(3, vertical_alignment="bottom")
    num_points = points.number_input(t("Number of weights"), 2, 20, 5, key="num_points")
    num_seeds = seeds.number_input(t("Number of seeds"), 1, 20, 3, key="num_seeds")
    with_singles = alone.toggle(t("Single-task baselines"), value=True, key="with_singles")
    held = {} if against else _pick_held([other for other in tasks if other != task])
    weights = {**config.train.task_weights, **held}
    base = config.model_copy(update={"train": config.train.model_copy(update={"task_weights": weights})})
    first = config.train.seed
    plan = WeightSweep(
        base=base,
        task=task,
        against=against,
        low=low,
        high=high,
        num_points=int(num_points),
        seeds=tuple(range(first, first + int(num_seeds))),
        with_singles=with_singles,
    )
    st.caption(t("{count} trainings; those that are there already are not trained again.", count=plan.num_runs))
    return plan, None


def _pick_base() -> RunConfig:
    runs = {row.run_id: row for row in loaders.store().rows(limit=_MOST_RUNS) if row.steps > 0}
    names = {name: t(title) for name, title in _PRESETS.items()}
    names |= gate_inputs.told_apart({run_id: row.name or row.run_id for run_id, row in runs.items()})
    chosen = st.selectbox(t("Everything else as in"), list(names), format_func=names.__getitem__, key="base")
    return runs[chosen].config if chosen in runs else preset("census" if chosen == "census" else "classroom")


def _pick_held(others: list[str]) -> dict[str, float]:
    """The weights of the tasks that are not swept; a weight of 1 is left out, as it is everywhere else."""
    held = {
        task: st.select_slider(
            t("Weight of {task}", task=task_label(task)),
            _WEIGHTS,
            1.0,
            format_func=lambda weight: f"{weight:g}",
            key=f"held_{task}",
        )
        for task in others
    }
    return {task: weight for task, weight in held.items() if weight != 1}


def pick_tasks(tasks: list[TaskSpec]) -> tuple[str, str] | None:
    """Two binary tasks for the plane's axes; None, and a sentence, where there are not two."""
    binary = [task.name for task in tasks if task.kind == "binary"]
    if len(binary) < len(tasks):
        st.caption(t("A regression has no AUC: only binary tasks can be drawn here."))
    if len(binary) < 2:
        return None
    if len(binary) == 2:
        return binary[0], binary[1]
    left, right = st.columns(2)
    across = left.selectbox(t("Across"), binary, format_func=task_label, key="across")
    others = [task for task in binary if task != across]
    return across, right.selectbox(t("Upwards"), others, format_func=task_label, key="upwards")
