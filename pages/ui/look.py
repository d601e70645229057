"""The colours of the visitor's theme, with words in the visitor's language, for every static figure."""

from __future__ import annotations

import streamlit as st

from mmoe_core.viz import DARK, LIGHT, Look

from .language import expert_label, t

__all__ = ["CHART", "look"]

CHART = {"displaylogo": False, "displayModeBar": "hover", "modeBarButtonsToRemove": ["zoom", "pan", "select", "lasso"]}


def look() -> Look:
    """Light or dark as the page is."""
    ground = DARK if st.context.theme.type == "dark" else LIGHT
    return ground.saying(lambda word: expert_label(word) if t(word) == word else t(word))
