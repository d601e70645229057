"""Mounts the live panel and hands back what people want of the run."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from pydantic import ValidationError

from mmoe_core.records import Intent, intent_from_json

from .view import LiveView

__all__ = ["SCRIPTS", "live_run", "script", "style"]

# Joined in this order into one module, since a component takes one script.
SCRIPTS = (
    "dom",
    "words",
    "state",
    "scales",
    "chart",
    "curves",
    "loss",
    "balance",
    "quality",
    "readout",
    "experts",
    "heatmap",
    "mixture",
    "edges",
    "faders",
    "status",
    "source",
    "replay",
    "main",
)
_STYLES = ("hidden", "live", "drawings")

_folder = Path(__file__).parent


def script() -> str:
    """The panel's JavaScript, one module."""
    return "\n".join((_folder / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def style() -> str:
    """The panel's CSS; it holds inside the panel's shadow root only."""
    return "\n".join((_folder / f"{name}.css").read_text(encoding="utf-8") for name in _STYLES)


_panel = st.components.v2.component("mmoe_live_run", js=script(), css=style(), isolate_styles=True)


def live_run(source: str, view: LiveView, *, key: str) -> Intent | None:
    """Show a run and keep it moving without reruns.

    Args:
        source: Path on this site: `/api/runs/ID/delta` of a live run, `/api/replay/NAME` of a recorded one.
        view: What stands still, words included; it may change between calls (language), the panel stays.
        key: Streamlit's key; the same key is the same panel.

    Returns:
        What the person just asked for, on the one script run that follows; else None.
    """
    said = _panel(
        key=key, data={"source": source, "view": view.to_data()}, on_intent_change=_no_callback, height="content"
    )
    return _read_intent(said.intent)


def _no_callback() -> None:
    """Streamlit hands a trigger's value back only where a callback is registered."""


def _read_intent(text: object) -> Intent | None:
    """An intent, or None for anything that is not one: a browser may send what it likes."""
    if not isinstance(text, str):
        return None
    try:
        return intent_from_json(text)
    except ValidationError:
        return None
