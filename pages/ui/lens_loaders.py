"""What pages ask of a run's network, and what to say where there is no answer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.analysis.lens import Answer, Question
from mmoe_core.errors import LabError
from mmoe_core.runs import LENS, RunRow

from . import loaders
from .language import t, translate_error

__all__ = ["ask", "ask_each", "warm_up"]


def warm_up() -> None:
    """Have who answers ready by the time that somebody asks; a page that will ask calls it first."""
    LENS.warm_up()


def ask(run: RunRow, epoch: int | str, question: Question) -> tuple[Answer | None, LabError | None]:
    """The answer of a run's network after an epoch, or of its `best` weights; or why there is none."""
    try:
        with st.spinner(t("Looking into the network …")):
            return LENS.ask(loaders.store(), run.run_id, epoch, question), None
    except LabError as error:
        return None, error


def ask_each(run: RunRow, orders: Sequence[tuple[int | str, Question]], *, key: str) -> list[Answer]:
    """Answers to many questions in a row, (epoch, question) each, once somebody asks for them.

    They show how far they are and can be stopped; each answer is kept as it comes, so that who asks again goes on.

    Returns:
        None at all until all are there.
    """

    def stop() -> None:
        st.session_state[key] = False

    if not st.toggle(t("Ask the network, {count} questions", count=len(orders)), key=key):
        return []
    answers: list[Answer] = []
    refused: LabError | None = None
    shown = st.empty()
    with shown.container():
        st.button(t("Stop"), key=f"stop {key}", on_click=stop)
        bar = st.progress(0.0)
        for number, (epoch, question) in enumerate(orders):
            bar.progress(number / len(orders), t("{done} of {count}", done=number, count=len(orders)))
            try:
                answers.append(LENS.ask(loaders.store(), run.run_id, epoch, question))
            except LabError as error:
                refused = error
                break
    shown.empty()
    if refused:
        st.info(translate_error(refused))
        return []
    return answers
