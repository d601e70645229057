"""What pages ask of a run's network, and what to say where there is no answer."""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis.lens import Answer, Question
from mmoe_core.errors import LabError
from mmoe_core.runs import LENS, RunRow

from . import loaders
from .language import t

__all__ = ["ask", "warm_up"]


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
