"""The words around a picture: titles, one quiet line, and the longer "how to read it" from Markdown files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from .language import Language, language, t

__all__ = ["how_to_read", "note", "text", "title"]

_texts = Path(__file__).parent / "texts"


@cache
def _read(code: Language, name: str) -> str:
    return (_texts / code / f"{name}.md").read_text(encoding="utf-8").strip()


def text(name: str) -> str:
    """A long text in the reader's language."""
    return _read(language(), name)


def title(name: str) -> None:
    """The page's heading and the line under it: first and second paragraph of the text."""
    heading, _, line = text(name).partition("\n\n")
    with st.container(key="title", gap="xxsmall"):
        st.title(heading.lstrip("# "), anchor=False)
        if line:
            st.caption(line)


def note(name: str) -> None:
    """A long text as it is."""
    st.caption(text(name))


def how_to_read(name: str) -> None:
    """The long explanation of a picture, folded until somebody asks."""
    with st.expander(t("How to read this")):
        st.markdown(text(name))
