"""A field made to say something else: which field, what it shall say, and the ways back."""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis.lens import RowTrace
from mmoe_core.data import Dataset, find_labels

from . import row_choice, row_loaders
from .language import plain, t

__all__ = ["field_names", "offer"]

_MOST_LISTED = 300  # a longer vocabulary is searched
_MOST_FOUND = 50


def field_names(data: Dataset) -> dict[str, str]:
    """Fields as people call them: name and meaning."""
    fields = (*data.schema.id_fields, *data.schema.value_fields)
    return {field.name: f"{field.name} · {t(field.meaning)}" if field.meaning else field.name for field in fields}


def offer(data: Dataset, said: RowTrace, chosen: row_choice.RowChoice) -> None:
    """One line: the field, its new word, and undo."""
    names, fields = field_names(data), list(data.schema.field_names)
    left, middle, right = st.columns([1.2, 2, 1], gap="small", vertical_alignment="bottom")
    name = left.selectbox(t("Change a field"), fields, format_func=names.__getitem__, key="row_field")
    place = fields.index(name)
    with middle.container(horizontal=True, vertical_alignment="bottom"):
        if place < len(data.schema.id_fields):
            _pick_label(data, place, said.fields[place].value, len(chosen.changes))
        else:
            _pick_number(data, place, said.fields[place].value, len(chosen.changes))
    with right.container(horizontal=True):
        is_plain = not chosen.changes
        st.button(t("Undo"), key="row_undo", on_click=row_choice.undo, disabled=is_plain)
        st.button(t("Undo all"), key="row_undo_all", on_click=row_choice.undo_all, disabled=is_plain)
    if chosen.changes:
        told = " · ".join(
            f"{plain(names[field])} = **{plain(value)}**"
            for field, value in row_choice.labelled(data, chosen.changes).items()
        )
        st.caption(t("Changed: {changes}", changes=told))


def _pick_label(data: Dataset, place: int, now: str, count: int) -> None:
    labels = row_loaders.vocabulary(data, data.schema.field_names[place])
    key = f"row_value_{place}_{count}"  # a change begins anew
    if len(labels) <= _MOST_LISTED:
        options = list(range(1, len(labels)))
    else:
        typed = st.text_input(t("Search among {count} values", count=f"{len(labels):,}"), key=f"row_typed_{place}")
        options = find_labels(labels, typed or now, _MOST_FOUND)
        if not options:
            st.caption(t("No value holds this text."))
            return
    st.selectbox(
        t("It shall say"),
        options,
        index=None,
        placeholder=now,
        format_func=lambda number: str(labels[number]),
        key=key,
        on_change=_changed,
        args=(place, key),
    )


def _pick_number(data: Dataset, place: int, now: str, count: int) -> None:
    low, high = row_loaders.reach(data, data.schema.field_names[place])
    key = f"row_value_{place}_{count}"
    st.number_input(
        t("It shall say {low} to {high}, as in train", low=f"{low:.4g}", high=f"{high:.4g}"),
        min(low, float(now)),
        max(high, float(now)),
        float(now),
        step=(high - low) / 20 or 1.0,
        format="%g",
        key=key,
        on_change=_changed,
        args=(place, key),
    )


def _changed(place: int, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        row_choice.change(place, f"{value:.7g}" if isinstance(value, float) else str(value))
