"""The first look at a table: begun by a button, kept on the server's board, found again by the address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import streamlit as st

from mmoe_core.data import BackgroundJob, look_in_child
from mmoe_core.data.table import DELIMITERS, Delimiter, TableReport
from mmoe_core.errors import LabError

from .. import loaders
from ..language import mark, plain, t
from . import imports
from .source import Source
from .wording import in_own_words, said

__all__ = ["Looked", "complain", "found", "pick_delimiter", "show", "summary"]

_LOOK = "look"  # in the address, and in the session because switching pages clears the address
_delimiters = {",": mark("comma"), ";": mark("semicolon"), "\t": mark("tab"), "|": mark("bar")}


@dataclass(frozen=True)
class Looked:
    """A table that was looked at."""

    key: str
    source: Source
    report: TableReport


def found() -> BackgroundJob[Looked] | None:
    """The look that this visitor began last."""
    key = st.query_params.get(_LOOK) or st.session_state.get(_LOOK)
    job = loaders.looks().find(key)
    if job is not None:
        _remember(job.key)
    return job


def complain(error: LabError | None) -> None:
    """Say why the files cannot be had."""
    if error is not None:
        st.error(said(error))


def show(source: Source | None, error: LabError | None) -> Looked | None:
    """The button, the progress, and what was found."""
    complain(error)
    st.button(
        t("Look at the file"),
        type="primary",
        disabled=source is None,
        key="bring.look",
        on_click=_start,
        args=(source, None),
    )
    st.caption(t("It is read in a process of its own; nothing is written before you say so."))
    job = found()
    if job is None:
        return None
    if job.state == "running":
        imports.follow([job])
    elif job.error is not None:
        st.error(said(job.error))
    return job.result if job.result is not None and job.result.source.is_there else None


def pick_delimiter(looked: Looked) -> None:
    """What separates the cells; another choice looks again."""
    if looked.report.format != "csv":
        return
    key = f"bring.delimiter.{looked.key}"
    names = {delimiter: t(_delimiters[delimiter]) for delimiter in DELIMITERS}
    st.selectbox(
        t("Cells are separated by"),
        list(names),
        list(names).index(looked.report.delimiter),
        format_func=names.__getitem__,
        key=key,
        on_change=_look_again,
        args=(looked, key),
        width=220,
    )


def _look_again(looked: Looked, key: str) -> None:
    _start(looked.source, st.session_state[key])


def _start(source: Source, delimiter: Delimiter | None) -> None:
    key = secrets.token_hex(8)

    def work(on_progress: object, is_cancelled: object) -> Looked:
        try:
            report = look_in_child(source.paths[0], delimiter, on_progress=on_progress, is_cancelled=is_cancelled)
        except LabError as error:
            raise in_own_words(error, source.own_names) from None
        return Looked(key, source, report)

    loaders.looks().start(key, work)
    _remember(key)


def _remember(key: str) -> None:
    st.session_state[_LOOK] = key
    if st.query_params.get(_LOOK) != key:
        st.query_params[_LOOK] = key


def summary(looked: Looked) -> None:
    """The file in one line."""
    report = looked.report
    seen = f"{report.rows_looked_at:,}"
    rows = t("more than {rows}", rows=seen) if report.num_rows is None else f"{report.num_rows:,}"
    st.caption(
        t(
            "{file} · {rows} rows · {columns} columns · what follows is of the first {seen} rows",
            file=plain(looked.source.names[0]),
            rows=rows,
            columns=f"{len(report.columns):,}",
            seen=seen,
        )
    )
    if report.ragged_rows:
        st.warning(
            t(
                "{count} rows have another number of cells than the header. Is it the right separator?",
                count=f"{report.ragged_rows:,}",
            )
        )
