"""What each column of a table is: shown, guessed with a reason, and chosen by the person who knows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mmoe_core.data.table import (
    ROLES,
    ColumnGuess,
    ColumnReport,
    ColumnRole,
    SplitRule,
    TableChoices,
    TableMapping,
    choices_of,
    guess,
    offered_roles,
)
from mmoe_core.errors import LabError

from ..language import mark, t, translate
from .looking import Looked

__all__ = ["pick_rest", "pick_roles", "read"]

Roles = tuple[dict[str, ColumnRole], dict[str, str]]  # column → role, label → its condition

_roles: dict[ColumnRole, str] = {
    "binary": mark("label: yes or no"),
    "regression": mark("label: a number"),
    "id": mark("id"),
    "value": mark("value"),
    "log": mark("value, log scale"),
    "ignored": mark("ignored"),
}
_splits: dict[SplitRule, str] = {"key": mark("by user"), "time": mark("by time"), "random": mark("at random")}


def pick_roles(looked: Looked) -> Roles:
    """The table of columns, where roles are chosen; guesses only stand beside until they are taken."""
    report, guessed = looked.report, guess(looked.report)
    offered, taken = offered_roles(report, guessed), f"bring.taken.{looked.key}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("Take the offered roles"), key="bring.take", on_click=_take, args=(looked,))
        if taken not in st.session_state:
            st.caption(t("Nothing is chosen yet: take the offer and correct it, or choose every role yourself."))
    chosen = offered if taken in st.session_state else {}
    rows = [
        _row(column, found, offered[column.name], chosen.get(column.name), report.rows_looked_at)
        for column, found in zip(report.columns, guessed.columns, strict=True)
    ]
    editable = ("role", "condition")
    edited = st.data_editor(
        rows,
        key=f"bring.roles.{looked.key}.{st.session_state.get(taken, 0)}",
        hide_index=True,
        placeholder="–",
        disabled=[name for name in rows[0] if name not in editable],
        column_config=_config([column.name for column in report.columns if column.kind == "yes or no"]),
    )
    roles = {row["column"]: row["role"] for row in edited if row["role"] in ROLES}
    return roles, {row["column"]: row["condition"] for row in edited if row["condition"]}


def _take(looked: Looked) -> None:
    """Fill in what is offered, over whatever was chosen before; the rest of the choices as well."""
    guessed, taken = guess(looked.report), f"bring.taken.{looked.key}"
    st.session_state[taken] = st.session_state.get(taken, 0) + 1
    for name in ("user", "time", "split"):
        st.session_state[f"bring.{name}.{looked.key}"] = getattr(guessed, name)


def _row(
    column: ColumnReport, found: ColumnGuess, offered: ColumnRole, chosen: ColumnRole | None, rows: int
) -> dict[str, Any]:
    reason = column.problem if column.problem is not None else found.reason
    return {
        "column": column.name,
        "role": chosen,
        "condition": None,
        "offer": t(_roles[offered]),
        "why": translate(reason.template, reason.values),
        "holds": t(column.kind),
        "range": _span(column),
        "missing": f"{column.missing:,} · {column.missing / max(1, rows):.1%}" if column.missing else "–",
        "distinct": f"{column.distinct:,}",
        "examples": ", ".join(column.examples),
    }


def _span(column: ColumnReport) -> str:
    if column.first is not None:
        return f"{column.first} … {column.last}"
    return "–" if column.low is None else f"{column.low:g} … {column.high:g}"


def _config(conditions: list[str]) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "column": text(t("column"), pinned=True, width="small"),
        "role": st.column_config.SelectboxColumn(
            t("role"), options=list(ROLES), format_func=lambda role: t(_roles[role]), width="small"
        ),
        "condition": st.column_config.SelectboxColumn(
            t("observed only if"),
            options=conditions,
            width="small",
            help=t("A label that means something only where another one is 1, such as a purchase after a click."),
        ),
        "offer": text(t("offered"), width="small"),
        "why": text(t("because"), width="medium"),
        "holds": text(t("holds"), width="small"),
        "range": text(t("from … to"), width="small"),
        "missing": text(t("missing"), width="small"),
        "distinct": text(t("different"), width="small"),
        "examples": text(t("such as"), width="medium"),
    }


def pick_rest(looked: Looked) -> TableChoices:
    """User, time, split, rare ids, bad rows."""
    names = [column.name for column in looked.report.columns if column.problem is None and column.kind != "lists"]
    left, middle, right = st.columns(3)
    with left:
        user = _pick_column(
            looked, "user", t("User key"), names, t("No user will be in two splits; it may be an id field as well.")
        )
        time = _pick_column(
            looked, "time", t("Time column"), names, t("Numbers or dates; needed only to split by time.")
        )
    with middle:
        st.session_state.setdefault(f"bring.split.{looked.key}", "random")
        rules = {rule: t(name) for rule, name in _splits.items()}
        split: SplitRule | None = st.segmented_control(
            t("Split train, validation and test"),
            list(rules),
            format_func=rules.__getitem__,
            key=f"bring.split.{looked.key}",
            required=True,
            help=t("80, 10 and 10 % of the users or rows; by time, train is before validation is before test."),
        )
        is_lenient = st.toggle(
            t("Drop bad rows"),
            key=f"bring.lenient.{looked.key}",
            help=t("Rows that cannot be read are left out and counted; else the first one is named and refuses all."),
        )
    with right:
        least = st.number_input(
            t("Least frequency of an id"),
            1,
            1_000_000,
            key=f"bring.frequency.{looked.key}",
            help=t("Ids that train has more seldom become one id: rare."),
        )
    return TableChoices(
        user=user, time=time, split=split or "random", min_frequency=int(least), drop_bad_rows=is_lenient
    )


def _pick_column(looked: Looked, name: str, label: str, columns: list[str], explained: str) -> str | None:
    nobody = t("none")
    return st.selectbox(
        label,
        [None, *columns],
        format_func=lambda column: nobody if column is None else column,
        key=f"bring.{name}.{looked.key}",
        help=explained,
    )


def read(looked: Looked, roles: Roles, rest: TableChoices) -> tuple[TableMapping | None, LabError | None]:
    """The mapping, or what is still missing."""
    try:
        return choices_of(looked.report, *roles, rest), None
    except LabError as error:
        return None, error
