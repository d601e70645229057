"""What the Gradient routing page shows: what arrives at which expert, one row by its numbers, and how tasks pull."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd
import streamlit as st

from mmoe_core.analysis import conflicts, cosines_over_time, norms_over_time, smoothed
from mmoe_core.analysis.lens import Routing, RoutingSaid, RowRouting, RowRoutingSaid, TaskRoutes
from mmoe_core.config import ModelKind, audience, change_kind, to_flat
from mmoe_core.runs import RunRow, comparable_tasks
from mmoe_core.viz import conflict_dots, cosine_curves, gate_heatmap, gradient_heatmap, norm_curves

from . import figures, gate_inputs, lens_loaders, loaders
from .architecture_inputs import kind_label
from .language import expert_label, plain, t, task_label, translate_error
from .look import look
from .summary import architecture_text

__all__ = ["arriving", "one_row", "pick_others", "pick_tasks", "pulling", "pulling_at_experts"]

_RACE: tuple[ModelKind, ...] = ("shared_bottom", "one_gate", "mmoe")  # from sharing all to choosing
_BESIDE = 2  # runs beside the chosen one
_ABREAST = 4  # panels
_WHOLE = [("embeddings", ""), ("shared", "")]  # groups that every architecture has


def arriving(run: RunRow) -> None:
    """Measured gradients at each expert of the last level beside the mean gates."""
    said, error = lens_loaders.ask(run, "best", Routing())
    if error:
        st.info(translate_error(error))
    if not isinstance(said, RoutingSaid) or not run.schema:
        return
    who = audience(run.config.model, run.schema.task_names)[-1]
    gates, norms = (
        pd.DataFrame(rows, index=list(said.tasks), columns=list(said.experts))
        for rows in (said.gates_TE, said.norms_TE)
    )
    left, right = st.columns(2, gap="medium")
    left.caption(t("mean gate weight"))
    with left:
        figures.show(gate_heatmap(gates, look(), audience=who), key="gates")
    right.caption(t("measured ‖∂L/∂E‖, coloured by its share in the row"))
    with right:
        figures.show(gradient_heatmap(norms, look(), audience=who), key="arriving")
    st.caption(
        t(
            "Best weights, {rows} probe rows. Largest relative difference between the measured gradient and "
            "gate × ∂L/∂h, of any task, expert and row: {difference}.",
            rows=f"{said.num_rows:,}",
            difference=_rounding(said.difference),
        )
    )
    if said.norms_TE != said.own_norms_TE:
        st.caption(
            t(
                "In this architecture a loss also passes through another task's network, with no gate between them: "
                "that is why a gradient arrives where the gate is 0. The identity is about the part that passes "
                "through the task's own."
            )
        )


def one_row(run: RunRow) -> None:
    """Both sides of the identity, expert by expert, on a row of one's choice."""
    tasks = list(run.schema.task_names) if run.schema else []
    left, right = st.columns([1, 2])
    row = left.number_input(t("Row of the test split"), min_value=0, value=0, step=1, key="routing_row")
    task = right.segmented_control(t("Whose loss"), tasks, format_func=task_label, default=tasks[0], key="routing_task")
    said, error = lens_loaders.ask(run, "best", RowRouting(row=row))
    if error:
        st.info(translate_error(error))
    if isinstance(said, RowRoutingSaid):
        routes = said.tasks[tasks.index(task or tasks[0])]
        _say_mixture(routes)
        st.dataframe(_sides(routes, said.experts), hide_index=True, height="content")


def _say_mixture(routes: TaskRoutes) -> None:
    if not routes.is_observed:
        st.caption(t("This row has no label of this task: its loss is 0 here, and so is every gradient."))
    st.markdown(
        t(
            "∂L/∂h of {task}: {values}, length {norm}",
            task=plain(task_label(routes.task)),
            values=_vector(routes.mixture_H),
            norm=f"{routes.mixture_norm:.6g}",
        )
    )


def _sides(routes: TaskRoutes, experts: Sequence[str]) -> list[dict[str, str]]:
    return [
        {
            t("expert"): expert_label(expert),
            t("gate weight"): f"{route.gate:.6f}",
            t("measured ∂L/∂E"): _vector(route.measured_H),
            t("its length"): f"{route.measured_norm:.6g}",
            t("gate × ∂L/∂h"): _vector(route.product_H),
            t("length of that"): f"{route.product_norm:.6g}",
            t("relative difference"): _rounding(route.difference),
        }
        for expert, route in zip(experts, routes.routes_E, strict=True)
    ]


def _rounding(difference: float) -> str:
    return f"{difference:.0e}" if difference else "0"


def _vector(values: Sequence[float]) -> str:
    return f"({', '.join(f'{value + 0.0:.3g}' for value in values)}, …)"


def pick_tasks(run: RunRow) -> tuple[str, str] | None:
    """Two tasks whose gradients are compared; None where there is one only."""
    pairs = list(combinations(run.schema.task_names if run.schema else (), 2))
    if len(pairs) < 2:
        return pairs[0] if pairs else None
    names = {pair: " – ".join(map(task_label, pair)) for pair in pairs}
    return st.selectbox(t("Two tasks"), pairs, format_func=names.__getitem__, key="routing_tasks")


def pick_others(run: RunRow, rows: Sequence[RunRow]) -> list[RunRow]:
    """The runs that stand beside the chosen one; the newest of the other kinds on its data until somebody chooses."""
    kinds = [kind for kind in _RACE if kind != run.config.model.kind][:_BESIDE]
    others = {
        row.run_id: row
        for row in rows
        if row.run_id != run.run_id and row.steps and len(comparable_tasks(row, run)) == len(_tasks(run))
    }
    newest = {kind: next((row for row in others.values() if row.config.model.kind == kind), None) for kind in kinds}
    usual = [row.run_id for row in newest.values() if row]
    names = gate_inputs.told_apart(
        {run_id: f"{architecture_text(row)} · {row.created_at:%m-%d %H:%M} UTC" for run_id, row in others.items()}
    )
    chosen = usual
    if others:
        chosen = st.multiselect(
            t("Beside it"),
            list(others),
            usual,
            format_func=names.__getitem__,
            max_selections=_BESIDE,
            key=f"beside_{run.run_id}",
            placeholder=t("Runs"),
        )
    for kind in (kind for kind, row in newest.items() if row is None):
        other = run.config.model_copy(update={"model": change_kind(run.config.model, kind)[0]})
        label = t("Train {kind} on the same data, to see it beside this run", kind=kind_label(kind))
        st.page_link("train.py", label=label, query_params=to_flat(other))
    return [others[run_id] for run_id in chosen]


def pulling(runs: Sequence[RunRow], pair: tuple[str, str]) -> None:
    """Run by run: the angle in the embeddings and in all that is shared, and how often it is a conflict."""
    for place, (column, run) in enumerate(zip(st.columns(len(runs), gap="medium"), runs, strict=True)):
        with column:
            st.markdown(f"**{kind_label(run.config.model.kind)}** · {plain(architecture_text(run))}")
            snapshots = loaders.gradients(run)
            if not snapshots:
                _say_not_watched()
                continue
            cosines = cosines_over_time(snapshots, *pair)
            figures.show(cosine_curves(cosines[_WHOLE], smoothed(cosines[_WHOLE]), look()), key=f"angle_{place}")
            found = conflicts(cosines)
            st.caption(t("share of {steps} watched steps in conflict", steps=f"{len(cosines):,}"))
            figures.show(conflict_dots(found, look()), key=f"conflict_{place}")


def pulling_at_experts(run: RunRow, pair: tuple[str, str]) -> None:
    """The chosen run, group by group, level by level; and how long the gradients are."""
    snapshots = loaders.gradients(run)
    if not snapshots:
        _say_not_watched()
        return
    level = gate_inputs.pick_level(run, len(snapshots[0].levels))
    cosines = cosines_over_time(snapshots, *pair, level=level)
    figures.show(cosine_curves(cosines, smoothed(cosines), look(), abreast=_ABREAST), key="angle_experts")
    groups = [*cosines.columns]
    names = {group: _group(group) for group in groups}
    group = st.selectbox(t("Lengths in"), groups, len(groups) - 1, format_func=names.__getitem__, key="lengths")
    figures.show(norm_curves(norms_over_time(snapshots, group, level=level), look()), key="norms")


def _group(group: tuple[str, str]) -> str:
    part, expert = group
    return expert_label(expert) if part == "expert" else t({"shared": "all that is shared"}.get(part, "embeddings"))


def _say_not_watched() -> None:
    st.info(t("This run was trained before gradients were watched group by group. Train it again to see them."))


def _tasks(run: RunRow) -> Sequence[str]:
    return run.schema.task_names if run.schema else ()
