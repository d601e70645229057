"""Which row, of which weights, and what is changed in it: chosen on the page, spelled in the address by numbers only.

`split=test&row=12&weights=best&changes=9:57,24:1.5`: the tenth field says its vocabulary's 57th label, the 25th 1.5; in
the order in which they were made, so that they can be undone one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
import streamlit as st

from mmoe_core.data import Dataset, SplitName
from mmoe_core.runs import RunRow

from . import row_loaders
from .language import SPLIT_LABELS, t

__all__ = ["RowChoice", "change", "go_to", "labelled", "pick", "undo", "undo_all"]

_KEPT, _SPLIT, _ROW, _WEIGHTS = "row_kept", "row_split", "row_number", "row_weights"
_MOST_CHANGES = 100

Changes = tuple[tuple[int, str], ...]  # place of a field, number of its label or its value


@dataclass(frozen=True)
class RowChoice:
    """What is looked at.

    Attributes:
        epoch: Whose weights: `best`, or 0 for the untrained ones.
        split: Where the row is.
        row: Its number.
        changes: What was changed, in order.
        home: The dataset whose row it is.
    """

    epoch: int | str
    split: SplitName
    row: int
    changes: Changes
    home: str


def pick(run: RunRow, data: Dataset) -> RowChoice:
    """Ask for weights, split and row; what the address or the last visit says stands there first."""
    kept = _kept(data)
    if _ROW not in st.session_state or st.session_state.get("row_home") != data.name:
        st.session_state.update(
            {_SPLIT: kept.split, _ROW: kept.row, _WEIGHTS: kept.epoch, "row_home": data.name, _KEPT: kept}
        )
    splits: list[SplitName] = [name for name in get_args(SplitName) if len(data.split(name))]
    weights: dict[int | str, str] = {"best": t("best weights"), 0: t("untrained")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epoch = st.segmented_control(t("Weights"), list(weights), format_func=weights.__getitem__, key=_WEIGHTS)
        split = st.segmented_control(
            t("Split"), splits, format_func=lambda name: t(SPLIT_LABELS[name]), key=_SPLIT, on_change=_moved
        )
        split = kept.split if split is None else split
        rows = len(data.split(split))
        st.session_state[_ROW] = min(st.session_state[_ROW], rows - 1)
        row = st.number_input(
            t("Row, 0 to {last}", last=f"{rows - 1:,}"), 0, rows - 1, key=_ROW, on_change=_moved, width=170
        )
        st.button(t("Random row"), key="row_random", on_click=_draw, args=(rows,))
    kept = st.session_state[_KEPT]
    chosen = RowChoice("best" if epoch is None else epoch, split, int(row), kept.changes, data.name)
    _keep(chosen)
    return chosen


def labelled(data: Dataset, changes: Changes) -> dict[str, str]:
    """What each changed field says now, as the network is asked: a label, or a number."""
    said, num_ids = dict[str, str](), len(data.schema.id_fields)
    for place, text in changes:
        name = data.schema.field_names[place]
        said.pop(name, None)  # what was changed last stands last
        said[name] = str(row_loaders.vocabulary(data, name)[int(text)]) if place < num_ids else text
    return said


def change(place: int, text: str) -> None:
    """Let a field say something else; a callback."""
    kept: RowChoice = st.session_state[_KEPT]
    _with(kept, (*kept.changes, (place, text))[-_MOST_CHANGES:])


def undo() -> None:
    """Take the last change back; a callback."""
    kept: RowChoice = st.session_state[_KEPT]
    _with(kept, kept.changes[:-1])


def undo_all() -> None:
    """Take all changes back; a callback."""
    _with(st.session_state[_KEPT], ())


def go_to(row: int) -> None:
    """Look at another row of the split; a callback."""
    st.session_state[_ROW] = row
    _moved()


def _moved() -> None:
    undo_all()  # another row has said nothing else yet


def _draw(rows: int) -> None:
    go_to(int(np.random.default_rng().integers(rows)))


def _with(kept: RowChoice, changes: Changes) -> None:
    st.session_state[_KEPT] = RowChoice(kept.epoch, kept.split, kept.row, changes, kept.home)


def _kept(data: Dataset) -> RowChoice:
    """The address's row, else the last one if it is of this dataset, else the first that is worth looking at."""
    kept = st.session_state.get(_KEPT)
    asked = st.query_params
    if "row" not in asked and kept is not None and kept.home == data.name:
        return kept  # type: ignore[no-any-return]
    split: SplitName = next((name for name in get_args(SplitName) if name == asked.get("split")), "test")
    rows = len(data.split(split))
    written = asked.get("row", "")
    row = int(written) if written.isdecimal() and int(written) < rows else row_loaders.first_row(data, split)
    return RowChoice(
        0 if asked.get("weights") == "0" else "best", split, row, _read(data, asked.get("changes", "")), data.name
    )


def _keep(chosen: RowChoice) -> None:
    st.session_state[_KEPT] = chosen
    spelled = {
        "split": chosen.split,
        "row": str(chosen.row),
        "weights": str(chosen.epoch),
        "changes": ",".join(f"{place}:{text}" for place, text in chosen.changes),
    }
    for name, text in spelled.items():
        if not text:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != text:
            st.query_params[name] = text


def _read(data: Dataset, spelled: str) -> Changes:
    """The changes that an address asks for; those that the dataset cannot mean are left out."""
    found = []
    for part in spelled.split(",")[:_MOST_CHANGES]:
        place, _, text = part.partition(":")
        if place.isdecimal() and int(place) < len(data.schema.field_names) and _can_say(data, int(place), text):
            found.append((int(place), text))
    return tuple(found)


def _can_say(data: Dataset, place: int, text: str) -> bool:
    if place < len(data.schema.id_fields):
        return text.isdecimal() and 0 < int(text) < len(row_loaders.vocabulary(data, data.schema.field_names[place]))
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
