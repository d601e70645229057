"""Mounts the upload component and hands back what has been uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import streamlit as st
from pydantic import Field, TypeAdapter, ValidationError

from mmoe_core.config import Frozen
from mmoe_core.data import upload_limit

from ..language import catalogue, language, t
from .routes import ADDRESS, HEADER
from .words import STRINGS

__all__ = ["Upload", "script", "style", "upload_files"]

_MOST_FILES = 3
_folder = Path(__file__).parent
_shared = _folder.parent / "live" / "js"  # how nodes are made and words are said


class Upload(Frozen):
    """A file that lies under `MMOE_HOME/uploads`; its name is what its owner calls it, never a path."""

    token: str = Field(pattern=r"^[0-9a-f]{32}$")
    name: str = Field(max_length=1000)
    size: int = Field(ge=0)  # bytes


_uploads: TypeAdapter[tuple[Upload, ...]] = TypeAdapter(Annotated[tuple[Upload, ...], Field(max_length=_MOST_FILES)])


def script() -> str:
    """The component's JavaScript, one module."""
    paths = (_shared / "dom.js", _shared / "words.js", _folder / "sending.js", _folder / "upload.js")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def style() -> str:
    """The component's CSS; it holds inside its shadow root only."""
    paths = (_shared.parent / "hidden.css", _folder / "upload.css")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


_component = st.components.v2.component("mmoe_upload", js=script(), css=style(), isolate_styles=True)


def upload_files(label: str, *, key: str, most: int = 1) -> Sequence[Upload]:
    """A place to choose files; those that are uploaded completely.

    Args:
        label: What to bring, in the reader's language.
        key: Streamlit's key.
        most: How many files may be chosen.
    """
    view = {
        "label": label,
        "most": most,
        "limit": upload_limit(),
        "address": ADDRESS,
        "header": HEADER,
        "language": language(),
        "strings": {**catalogue(language()), **{text: t(text) for text in STRINGS}},  # the route's refusals too
    }
    said = _component(key=key, data=view, default={"files": "[]"}, on_files_change=_no_callback, height="content")
    return _read(said.files)[:most]


def _no_callback() -> None:
    """Streamlit hands a state's value back only where a callback is registered."""


def _read(text: object) -> tuple[Upload, ...]:
    """What the browser says it uploaded; nothing where that makes no sense."""
    try:
        return _uploads.validate_json(text if isinstance(text, str) else "[]")
    except ValidationError:
        return ()
