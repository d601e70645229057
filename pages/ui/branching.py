"""Time travel on the Train page: back to a step of the run that is shown, and on from there with what is chosen now."""

from __future__ import annotations

import streamlit as st

from mmoe_core.config import RunConfig, changes_between
from mmoe_core.errors import LabError
from mmoe_core.runs import BranchPoint, RunRow, branch, branch_points

from . import link, loaders
from .language import plain, t, translate_error

__all__ = ["offer", "say_parent"]


def say_parent(run: RunRow) -> None:
    """Where a branch comes from; nothing of a run that began at its own beginning."""
    if run.parent_run_id is not None:
        parent, _ = loaders.run(run.parent_run_id)
        name = plain(parent.name or parent.run_id) if parent else run.parent_run_id
        st.caption(t("A branch of {run}: the same up to step {step}.", run=name, step=f"{run.parent_step:,}"))


def offer(run: RunRow, chosen: RunConfig) -> None:
    """Branch a run that has ended, where it has kept a state; what differs is what the form says now."""
    points = [] if run.is_live else _points(run)
    if not points:
        return
    with st.popover(t("Branch from a step"), key="branching"):
        st.markdown(
            t(
                "Go back to a step of this run and on from there, as a run of its own, with what the form says now. "
                "Where nothing is changed, its numbers are this run's, to the last bit; what was set live after that "
                "step is not set again."
            )
        )
        titles = {point.step: _title(point) for point in points}
        at = st.selectbox(t("Go back to"), list(titles), format_func=titles.__getitem__, key="branch_at")
        changes = changes_between(run.config, chosen)
        told = " · ".join(f"{plain(path)} = {plain(value) or '–'}" for path, value in changes.items())
        st.caption(t("Changed: {changes}", changes=told) if changes else t("Nothing is changed yet."))
        if st.button(t("Start the branch"), type="primary", key="branch"):
            _start(run, at, changes)


def _points(run: RunRow) -> list[BranchPoint]:
    if loaders.is_preview(run.config.data):  # its data would have to be simulated first
        return []
    try:
        return branch_points(run.run_id, store=loaders.store())
    except LabError:
        return []


def _title(point: BranchPoint) -> str:
    if point.step == 0:
        return t("the initial weights")
    return t("step {step}, epochs done: {epochs}", step=f"{point.step:,}", epochs=point.epochs)


def _start(run: RunRow, at: int, changes: dict[str, str]) -> None:
    try:
        row = branch(run.run_id, at, changes, store=loaders.store())
    except LabError as error:
        st.error(translate_error(error))
        return
    link.choose_run(row.run_id)
    st.rerun()
