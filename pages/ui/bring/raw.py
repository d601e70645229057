"""The choices of a conversion of the raw log."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mmoe_core.data import place_for
from mmoe_core.data.raw import RawOptions, raw_files, work_folder
from mmoe_core.errors import LabError

from .. import inputs, loaders
from ..language import t

__all__ = ["pick_options", "refusal", "say_unfinished"]


def pick_options() -> RawOptions:
    """Everything that changes what the dataset holds, each with what it does."""
    left, right = st.columns(2)
    with left:
        least = st.number_input(
            t("Least frequency of an id"),
            *inputs.bounds(RawOptions, "min_frequency"),
            value=RawOptions().min_frequency,
            key="bring.raw.frequency",
            help=t("Ids that train has more seldom become one id: rare."),
        )
        percent = st.number_input(
            t("Share of the sessions, %"),
            0.001,
            100.0,
            value=100.0,
            format="%g",
            key="bring.raw.sample",
            help=t("Whole sessions, picked by a hash of their key: without bias, and the same ones every time."),
        )
    with right:
        is_single = st.toggle(
            t("One value per field"),
            key="bring.raw.single",
            help=t("The 33 columns of the tutorials: of a field's tokens only the one with the highest value."),
        )
        history = _tokens(
            "history_tokens", t("Tokens of a history"), t("Kept of each of 109_14, 110_14, 127_14, 150_14."), is_single
        )
        item = _tokens("item_tokens", t("Tokens of an item"), t("Kept of 210 and of 853."), is_single)
    return RawOptions(
        min_frequency=int(least),
        sample=percent / 100,
        single_value=is_single,
        history_tokens=history,
        item_tokens=item,
    )


def _tokens(field: str, label: str, explained: str, is_single: bool) -> int:
    return int(
        st.number_input(
            label,
            *inputs.bounds(RawOptions, field),
            value=getattr(RawOptions(), field),
            key=f"bring.raw.{field}",
            help=explained,
            disabled=is_single,
        )
    )


def refusal(folder: Path) -> LabError | None:
    """Which of the four files is not there."""
    try:
        raw_files(folder)
    except LabError as error:
        return error
    return None


def say_unfinished(name: str) -> None:
    """That an earlier conversion under this name was ended, and what becomes of it."""
    try:
        loaders.imports().check_free(name)
        work = work_folder(place_for(name))
    except LabError:
        return
    if work.is_dir():
        st.caption(
            t(
                "An earlier conversion to this name was ended. With the same files and choices it goes on after its "
                "last complete step; with others it starts anew."
            )
        )
