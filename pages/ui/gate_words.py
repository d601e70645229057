"""What must be said beside gates lest they be misread: who reads a level, and where there is nothing to choose."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.config import PLE, Audience, ModelConfig, ModelKind, MultiLevelMMoE, audience, plan
from mmoe_core.runs import RunRow

from .language import mark, t

__all__ = ["audiences", "level_name", "of_panel", "say_level", "say_routing", "special"]

_special: dict[ModelKind, str] = {
    "single": mark("Nothing to choose here: one network per task, embeddings included, and each task reads its own."),
    "shared_bottom": mark("Nothing to choose here: one expert, and every task reads all of it."),
    "one_gate": mark("One gate for all tasks: every task reads the same mixture, so its rows are equal."),
    "esmm": mark("Nothing to choose here: one network per task; they meet in the product pCTR × pCVR, not in a gate."),
    "aitm": mark(
        "No gate over experts but an attention: how much a task takes from its own network, and how much from what "
        "the task before it hands on."
    ),
}


def audiences(run: RunRow) -> tuple[Audience, ...]:
    """Of each level of a run: whose experts they are, and who can hear them."""
    return audience(run.config.model, run.schema.task_names) if run.schema else ()


def special(model: ModelConfig) -> str:
    """What is special about an architecture's gates; nothing where each task has a gate over experts."""
    return t(_special[model.kind]) if model.kind in _special else ""


def of_panel(model: ModelConfig, tasks: Sequence[str]) -> str:
    """The one line beneath the live gates, where they need one: what is special, or that there are levels below."""
    if len(plan(model, tasks)) > 1:
        return t("mean weight of the tasks' own gates; those of the levels below are on the Gates page")
    return special(model)


def say_routing(model: ModelConfig, level: Audience) -> None:
    """What is special about these gates, and how own and shared experts are told apart where there are both."""
    if said := special(model):
        st.caption(said)
    if None in level.owners and len(set(level.owners)) > 1:
        st.caption(t("An expert in a task's colour is that task's own, a grey one is shared; × cannot be heard."))
    elif not all(map(all, level.heard)):
        st.caption(t("× cannot be heard: it is no weight of 0 but no way at all."))


def level_name(place: int, count: int) -> str:
    """Which level it is, and who reads it."""
    if place == count - 1:
        return t("level {number} of {count}: read by the tasks", number=place + 1, count=count)
    return t("level {number} of {count}: read by the experts above", number=place + 1, count=count)


def say_level(model: ModelConfig, place: int, count: int) -> None:
    """Whose gates these are, where there are several levels."""
    if place == count - 1:
        st.caption(t("Each task's own gate: what it mixes is what the task's tower reads."))
    elif isinstance(model, MultiLevelMMoE):
        st.caption(t("Each expert of level {above} has a gate of its own over these experts.", above=place + 2))
    elif isinstance(model, PLE):
        st.caption(
            t(
                "Each group of experts of level {above} reads a mixture of its own: a task's experts what their task "
                "may hear, the shared ones all.",
                above=place + 2,
            )
        )
