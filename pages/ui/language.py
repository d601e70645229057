"""What a page says, in the reader's language: English sentences are the keys, `locale/zh.po` holds their 简体中文.

`t("Step {step}", step=3)` is looked up at each call, since two readers of one server may read two languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import streamlit as st
from babel.messages.pofile import read_po

from mmoe_core.config import SHARED
from mmoe_core.errors import LabError

__all__ = [
    "LANGUAGES",
    "SPLIT_LABELS",
    "Language",
    "catalogue",
    "expert_label",
    "language",
    "mark",
    "plain",
    "remember",
    "t",
    "task_label",
    "translate",
    "translate_error",
    "translate_markdown",
]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_KEY = "lang"  # in the URL and, for the next page, in the session

_MARKS = re.compile(r"([\\`*\[\]#!|<>~$:])")  # what Markdown would read as more than itself

_locale = Path(__file__).parent / "locale"


@cache
def catalogue(code: Language) -> dict[str, str]:
    """English sentence → its translation; empty for English itself."""
    path = _locale / f"{code}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def language() -> Language:
    """The URL's `lang`, else what this session chose before, else the browser's."""
    for chosen in (st.query_params.get(_KEY), st.session_state.get(_KEY)):
        if chosen in LANGUAGES:
            return chosen
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def remember(chosen: Language) -> None:
    """Keep a language: in the URL for those who share it, in the session because switching pages clears the URL."""
    st.session_state[_KEY] = chosen
    if st.query_params.get(_KEY) != chosen:
        st.query_params[_KEY] = chosen


def mark(text: str) -> str:
    """Mark a sentence for translation where it is defined; it is translated where it is shown."""
    return text


def t(text: str, /, **values: object) -> str:
    """A sentence in the reader's language, `{places}` filled; English where no translation exists."""
    translated = catalogue(language()).get(text, text)
    return translated.format(**values) if values else translated


def translate(template: str, values: Mapping[str, str | int | float]) -> str:
    """A sentence that the core wrote, such as a dataset's warning; words among its values are looked up too."""
    return _filled(template, values, str)


def translate_markdown(template: str, values: Mapping[str, str | int | float]) -> str:
    """The same where Markdown is shown: what data call themselves is text there, whatever it looks like."""
    return _filled(template, values, plain)


def _filled(template: str, values: Mapping[str, str | int | float], shown: Callable[[str], str]) -> str:
    known = catalogue(language())
    words = {
        name: shown(task_label(value))
        if name == "task"
        else known.get(value) or shown(value)
        if isinstance(value, str)
        else value
        for name, value in values.items()
    }
    return known.get(template, template).format(**words)


def translate_error(error: LabError) -> str:
    """An error's sentence in the reader's language, for Markdown."""
    return translate_markdown(error.template, error.values)


def plain(text: str) -> str:
    """Any text as Markdown that shows just this text."""
    return _MARKS.sub(r"\\\1", text)


_task_labels = {
    "click": mark("click"),
    "purchase": mark("purchase"),
    "income": mark("income"),
    "education": mark("education"),
    "never_married": mark("never married"),
    "long_view": mark("long view"),
    "dwell": mark("dwell"),
    "like": mark("like"),
    "comment": mark("comment"),
    "favourite": mark("favourite"),
    "share": mark("share"),
    "follow": mark("follow"),
}


SPLIT_LABELS = {"train": mark("train"), "validation": mark("validation"), "test": mark("test")}


def expert_label(name: str) -> str:
    """An expert's name for the eye: the task that it belongs to, or that it is shared, and its number."""
    group, _, number = name.rpartition(" ")
    if group and number.isdigit():
        return f"{expert_label(group)} {number}"
    return t("shared") if name == SHARED else task_label(name)


def task_label(task: object) -> str:
    """A task's name for the eye; unknown ones stay as they are in the data."""
    return t(_task_labels[task]) if isinstance(task, str) and task in _task_labels else str(task)
