"""Shows a figure and, under it, what a person may take away of it."""

from __future__ import annotations

import re
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from mmoe_core.viz import data_behind

from ..language import t
from ..look import CHART

__all__ = ["script", "show", "style"]

_folder = Path(__file__).parent
_shared = _folder.parent / "live" / "js"  # how nodes are made
_MARK = "\ufeff"  # by which spreadsheets know UTF-8


def script() -> str:
    """The component's JavaScript, one module."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (_shared / "dom.js", _folder / "pictures.js"))


def style() -> str:
    """The component's CSS; it holds inside its shadow root only."""
    return (_folder / "pictures.css").read_text(encoding="utf-8")


_pictures = st.components.v2.component("mmoe_pictures", js=script(), css=style(), isolate_styles=True)


def show(figure: go.Figure, *, key: str) -> None:
    """A figure with its downloads.

    Args:
        figure: Of the viz room.
        key: Streamlit's key; also the files' name.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", lambda other: f"{ord(other[0]):x}", key)  # a task's name may be Chinese
    frame = f"figure_{name}"
    with st.container(key=frame, gap="xxsmall"):
        camera = {"format": "png", "filename": name, "scale": 2}
        st.plotly_chart(figure, key=key, config={**CHART, "toImageButtonOptions": camera})
        if not figure.data:
            return  # a sentence
        with (
            st.container(horizontal=True, horizontal_alignment="right"),
            st.popover(t("Download"), type="tertiary", key=f"{key}_downloads"),
        ):
            view = {"frame": frame, "png": t("Picture, PNG"), "svg": t("Picture, SVG")}
            _pictures(key=f"{key}_pictures", data=view, height="content")
            st.download_button(
                t("Numbers, CSV"),
                lambda: (_MARK + data_behind(figure).to_csv(index=False)).encode(),
                file_name=f"{name}.csv",
                mime="text/csv",
                key=f"{key}_csv",
                on_click="ignore",
                width="stretch",
            )
