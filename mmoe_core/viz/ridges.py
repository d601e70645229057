"""What a mean gate hides: how its weights are spread over the rows, as ridges. A ridge's height is a share of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import cross_out, everyone, expert_names, not_heard, reader_color, reader_name, rule_between
from .heat import panel_title
from .look import Look, dressed, empty_figure

__all__ = ["gate_distribution", "gate_ridges"]

_MOST_ABREAST = 4
_LOW = 0.92  # of a row: the height of a ridge at which all rows are in one bin
_HIGH = 3.2  # the same where ridges may stand before each other
_ROW = 24  # px


def gate_distribution(
    histogram_REK: np.ndarray,
    readers: Sequence[str],
    experts: Sequence[str],
    look: Look,
    *,
    audience: Audience | None = None,
) -> go.Figure:
    """How each gate weight is spread over the rows of one snapshot: a panel per reader, a ridge per expert.

    Args:
        histogram_REK: Rows per bin, shape (R, E, K), equal bins over 0 to 1.
        readers: R names.
        experts: E names.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
    """
    audience = audience or everyone(readers, experts)
    shares_REK = histogram_REK / np.maximum(1, histogram_REK.sum(axis=-1, keepdims=True))
    panels = -(-len(readers) // _MOST_ABREAST)
    abreast = -(-len(readers) // panels)
    figure = make_subplots(
        rows=panels,
        cols=abreast,
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        vertical_spacing=0.14 / panels,
    )
    names = [look.say(expert) for expert in experts]
    for place, reader in enumerate(readers):
        row, column = place // abreast + 1, place % abreast + 1
        unheard = not_heard(audience, look, reader)
        silent = {expert for expert, _ in unheard}
        ridges = [
            _ridge(shares_REK[place, expert], base=expert + 0.5, height=_LOW, said=name)
            for expert, name in enumerate(names)
            if expert not in silent
        ]
        figure.add_trace(_drawn(ridges, reader_color(audience, look, reader), opacity=0.3), row, column)
        cross_out(figure, [(0.5, e) for e, _ in unheard], [why for _, why in unheard], look, row=row, column=column)
        rule_between(figure, audience, look, "y", place + 1)
        panel_title(figure, reader_name(audience, look, reader), place + 1)
    for place in range(len(readers), panels * abreast):
        figure.update_xaxes(visible=False, row=panels, col=place % abreast + 1)
        figure.update_yaxes(visible=False, row=panels, col=place % abreast + 1)
    figure.update_yaxes(
        tickvals=list(range(len(experts))),
        ticktext=expert_names(audience, look),
        range=[len(experts) - 0.45, -0.55],
        showgrid=False,
    )
    figure.update_xaxes(range=[0, 1], tickvals=[0, 0.5, 1], showgrid=False)
    figure.update_xaxes(title_text=look.say("gate weight"), row=panels)
    return dressed(figure, look, height=70 + (44 + _ROW * len(experts)) * panels)


def gate_ridges(shares: pd.DataFrame, look: Look, *, color: str) -> go.Figure:
    """The same of one reader and expert over training: a ridge per snapshot, the untrained one first and quiet.

    Args:
        shares: One row per snapshot step, one column per bin, named by the bin's middle; rows sum to 1.
        look: Colours and words.
        color: Of the reader.
    """
    if shares.empty:
        return empty_figure("No gates recorded yet.", look)
    figure = go.Figure()
    steps = [f"{step:,}" for step in shares.index]
    for place, (name, shares_K) in enumerate(zip(steps, shares.to_numpy(), strict=True)):
        ridge = _ridge(shares_K, base=place, height=_HIGH, said=f"{look.say('step')} {name}")
        figure.add_trace(_drawn([ridge], color if place else look.quiet, opacity=0.55, ground=look.ground))
    every = max(1, round(len(steps) / 8))
    shown = sorted({*range(0, len(steps), every), len(steps) - 1} - set(range(len(steps) - every, len(steps) - 1)))
    figure.update_yaxes(
        tickvals=shown,
        ticktext=[look.say("untrained") if place == 0 else steps[place] for place in shown],
        range=[len(steps) - 0.6, -_HIGH - 0.1],
        title_text=look.say("step"),
        showgrid=False,
    )
    figure.update_xaxes(range=[0, 1], tickvals=[0, 0.25, 0.5, 0.75, 1], title_text=look.say("gate weight"))
    return dressed(figure, look, height=100 + 15 * (len(steps) + 3))


def _ridge(shares_K: np.ndarray, *, base: float, height: float, said: str) -> dict[str, list[Any]]:
    """Outline of one ridge on its base line, upwards on an axis that grows downwards; a bin is a step of it."""
    edges = np.linspace(0, 1, len(shares_K) + 1)
    xs = [0.0, *np.repeat(edges, 2)[1:-1], 1.0, 0.0]
    ys = [base, *(base - height * np.repeat(shares_K, 2)).round(4), base, base]
    text = [f"{said}: {share:.1%}" for share in shares_K]
    return {"x": xs, "y": ys, "text": ["", *np.repeat(text, 2), "", ""]}


def _drawn(ridges: Sequence[dict[str, list[Any]]], color: str, *, opacity: float, ground: str = "") -> go.Scatter:
    """Ridges of one colour as one trace; on a ground of their own they hide what stands behind them."""
    joined = {part: [value for ridge in ridges for value in (*ridge[part], None)] for part in ("x", "y", "text")}
    return go.Scatter(
        **joined,
        mode="lines",
        line={"color": color, "width": 1.25},
        fill="toself",
        fillcolor=_mixed(color, ground, opacity) if ground else _clear(color, opacity),
        hoveron="points",
        hovertemplate="%{text}<extra></extra>",
    )


def _mixed(color: str, ground: str, share: float) -> str:
    """So much of a colour on a ground."""
    parts = [round(share * c + (1 - share) * g) for c, g in zip(_parts(color), _parts(ground), strict=True)]
    return f"rgb({parts[0]},{parts[1]},{parts[2]})"


def _clear(color: str, opacity: float) -> str:
    red, green, blue = _parts(color)
    return f"rgba({red},{green},{blue},{opacity})"


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
