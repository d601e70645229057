"""The right side of the Train page: the chosen run, live; without one, a recorded run; without that, a lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from mmoe_core.config import RunConfig, Schema
from mmoe_core.errors import LabError
from mmoe_core.records import Stop
from mmoe_core.runs import RunRow, resume, stop, submit

from . import branching, gate_words, link, loaders, story, summary
from .language import catalogue, expert_label, language, t, task_label, translate_error
from .live import LiveView, live_run
from .spaces import space_name

__all__ = ["REPLAY", "say_origin", "show", "show_replay", "start"]

REPLAY = "classroom"  # data/replay/classroom.json


def start(config: RunConfig) -> tuple[RunRow | None, LabError | None]:
    """Start a run and name it in the address; or why it was refused."""
    try:
        with st.spinner(t("Preparing the data …")):
            row = submit(config)
    except LabError as error:
        return None, error
    link.choose_run(row.run_id)
    return row, None


def show(run: RunRow | None, chosen: RunConfig) -> None:
    """The run, live; what people ask of it goes to the store as intents; branches get what is chosen now."""
    if run is not None:
        _show_run(run)
        branching.say_parent(run)
        branching.offer(run, chosen)
    elif not show_replay(REPLAY):
        with st.container(border=True, key="empty"):
            st.markdown(story.text("train.empty"))


def show_replay(name: str, *, is_compact: bool = False) -> bool:
    """A recorded run, played; False where there is no such recording."""
    recorded = loaders.replay(name)
    if recorded is None:
        return False
    view = _view(recorded.config, recorded.schema, mode="replay", is_compact=is_compact)
    live_run(f"/api/replay/{name}", view, key=f"replay_{name}")
    return True


def say_origin(name: str) -> None:
    """Which version trained a recorded run, and what was typed; nothing where there is no such recording."""
    recorded = loaders.replay(name)
    if recorded is not None:
        commit, command = f"`{recorded.commit[:7]}`", f"`{recorded.command}`"
        st.caption(t("Recorded at version {commit} with {command}", commit=commit, command=command))


def _show_run(run: RunRow) -> None:
    """The panel and what it asks for. No fragment: a tab that outlives the server could not reach it any more."""
    if run.schema is None:
        st.info(t("This run has not opened its data yet. Reload the page in a moment."))
        return
    if run.can_be_resumed:
        st.button(t("Resume the interrupted run"), key="resume", on_click=_told, args=(lambda: resume(run.run_id),))
    view = _view(run.config, run.schema, total_steps=run.total_steps)
    match live_run(f"/api/runs/{run.run_id}/delta", view, key=f"live_{run.run_id}"):
        case None:
            pass
        case Stop():
            _told(lambda: stop(run.run_id, wait=False))
        case intent:
            _told(lambda: loaders.store().intend(run.run_id, intent))


def _told(ask: Callable[[], object]) -> None:
    """Ask something of a run; a refusal (it has just ended) is said and no more."""
    try:
        ask()
    except LabError as error:
        st.toast(translate_error(error))


def _view(config: RunConfig, schema: Schema, **choices: object) -> LiveView:
    view = LiveView.of_run(
        config,
        schema,
        translate=t,
        task_label=task_label,
        expert_label=expert_label,
        space_name=space_name,
        gates_note=gate_words.of_panel(config.model, schema.task_names),
        badge=summary.badge_text(schema, config.data),
        language=language(),
        **choices,
    )
    return replace(view, strings={**catalogue(language()), **view.strings})  # errors may yet come with the run
