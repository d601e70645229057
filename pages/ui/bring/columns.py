"""What each column of a table is: shown, guessed with a reason, and chosen by the person who knows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mmoe_core.data.table import (
    ROLES,
    ColumnGuess,
    ColumnReport,
    ColumnRole,
    Guess,
    SplitRule,
    TableChoices,
    TableMapping,
    choices_of,
    guess,
    offered_roles,
)
from mmoe_core.errors import LabError

from ..language import mark, plain, t, translate
from ..spaces import in_space
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
    offered, times_taken = offered_roles(report, guessed), _times_taken(looked)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("Take the offered roles"), key="bring.take", on_click=_take, args=(looked,))
        if not times_taken:
            st.caption(t("Nothing is chosen yet: take the offer and correct it, or choose every role yourself."))
    rows = [
        _row(column, found, offered[column.name], report.rows_looked_at, is_taken=times_taken > 0)
        for column, found in zip(report.columns, guessed.columns, strict=True)
    ]
    editable = ("role", "condition")
    edited = st.data_editor(
        rows,
        key=_key(looked, "roles"),
        hide_index=True,
        placeholder="–",
        disabled=[name for name in rows[0] if name not in editable],
        column_config=_config([column.name for column in report.columns if column.kind == "yes or no"]),
    )
    roles = {row["column"]: row["role"] for row in edited if row["role"] in ROLES}
    return roles, {row["column"]: row["condition"] for row in edited if row["condition"]}


def _take(looked: Looked) -> None:
    """Offer becomes choice, over whatever was chosen before: every widget begins anew, with the guess."""
    st.session_state[f"bring.taken.{looked.key}"] = _times_taken(looked) + 1


def _times_taken(looked: Looked) -> int:
    return int(st.session_state.get(f"bring.taken.{looked.key}", 0))


def _key(looked: Looked, name: str) -> str:
    return f"bring.{name}.{looked.key}.{_times_taken(looked)}"


def _row(column: ColumnReport, found: ColumnGuess, offered: ColumnRole, rows: int, *, is_taken: bool) -> dict[str, Any]:
    reason = column.problem if column.problem is not None else found.reason
    return {
        "column": column.name,
        "role": offered if is_taken else None,
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
    taken = guess(looked.report) if _times_taken(looked) else Guess(columns=())
    left, middle, right = st.columns(3)
    with left:
        explained = t("No user will be in two splits; it may be an id field as well.")
        user = _pick_column(looked, "user", t("User key"), taken.user, explained)
        explained = t("Numbers or dates; needed only to split by time.")
        time = _pick_column(looked, "time", t("Time column"), taken.time, explained)
    with middle:
        rules = {rule: t(name) for rule, name in _splits.items()}
        split: SplitRule | None = st.segmented_control(
            t("Split train, validation and test"),
            list(rules),
            format_func=rules.__getitem__,
            default=taken.split,
            key=_key(looked, "split"),
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


def _pick_column(looked: Looked, name: str, label: str, taken: str | None, explained: str) -> str | None:
    columns = looked.report.columns
    names = [None, *(column.name for column in columns if column.problem is None and column.kind != "lists")]
    nobody = t("none")
    return st.selectbox(
        label,
        names,
        names.index(taken),
        format_func=lambda column: nobody if column is None else column,
        key=_key(looked, name),
        help=explained,
    )


def read(looked: Looked, roles: Roles, rest: TableChoices) -> tuple[TableMapping | None, LabError | None]:
    """The mapping, with over which rows its labels will be learnt; or what is still missing."""
    try:
        mapping = choices_of(looked.report, *roles, rest)
    except LabError as error:
        return None, error
    said = (plain(in_space(label, space)) for label, space in mapping.label_spaces.items() if space != "rows")
    if named := "\u2003".join(said):
        st.caption(t("Labels: {labels}", labels=named))
    return mapping, None
