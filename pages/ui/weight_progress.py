"""A sweep of weights as it is trained: started, watched, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from mmoe_core.config import WeightSweep
from mmoe_core.errors import LabError
from mmoe_core.runs import Sweep, continue_sweep, start_sweep, stop_sweep

from . import link, loaders, weight_loaders
from .language import t, translate_error

__all__ = ["current", "offer", "show"]

_SECONDS = 1.0


def current() -> tuple[Sweep | None, LabError | None]:
    """The sweep that the address names, else the newest one; or why it is not there."""
    named = link.chosen_sweep()
    found, error = (weight_loaders.newest(), None) if named is None else weight_loaders.sweep(named)
    if found is not None:
        link.choose_sweep(found.sweep_id)
    return found, error


def offer(plan: WeightSweep | None) -> None:
    """The button that begins; a refusal is said below it."""
    if st.button(t("Start the sweep"), type="primary", key="start_sweep", disabled=plan is None) and plan is not None:
        try:
            with st.spinner(t("Preparing the data …")):
                started = start_sweep(plan, store=loaders.store())
        except LabError as error:
            st.error(translate_error(error))
        else:
            link.choose_sweep(started.sweep_id)
            st.rerun()


def show(sweep: Sweep) -> None:
    """How far it is; while it trains, drawn anew every second, and the page with it when a run has ended."""
    st.fragment(_show, run_every=_SECONDS if sweep.is_live else None)(sweep)


def _show(before: Sweep) -> None:
    sweep, error = weight_loaders.sweep(before.sweep_id)
    if sweep is None:
        if error:
            st.error(translate_error(error))
        return
    if (sweep.is_live, sweep.num_ended) != (before.is_live, before.num_ended):
        st.rerun()
    count = len(sweep.runs)
    text = t("{ended} of {count} trainings have ended", ended=sweep.num_ended, count=count)
    running = [one.run for one in sweep.runs if one.run is not None and one.run.state == "running"]
    steps = " · ".join(
        t("step {step} of {total}", step=f"{run.steps:,}", total=f"{run.total_steps or 0:,}") for run in running
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(sweep.num_ended / count, text=f"{text} · {steps}" if steps else text)
        if sweep.is_live:
            stop = partial(stop_sweep, sweep.sweep_id, store=loaders.store(), wait=False)
            st.button(t("Stop"), key="stop_sweep", on_click=_told, args=(stop,))
        elif not sweep.is_finished:
            go_on = partial(continue_sweep, sweep.sweep_id, store=loaders.store())
            st.button(t("Go on"), key="continue_sweep", on_click=_told, args=(go_on,))


def _told(ask: Callable[[], object]) -> None:
    try:
        ask()
    except LabError as error:
        st.toast(translate_error(error))
