"""Many AUCs on one scale: dots with their intervals, never bars, since an AUC has no zero that means nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .look import Look, dressed, empty_figure

__all__ = ["auc_intervals"]

_SPREAD = 0.6  # of a row's height that its seeds take
_ROW = 34  # px


def auc_intervals(aucs: pd.DataFrame, tasks: Sequence[str], look: Look) -> go.Figure:
    """A panel per task, a row per architecture: each seed's AUC with its interval, thin; their mean a large dot.

    Args:
        aucs: Columns kind, seed, task, auc, low, high, and oracle, NaN where unknown; the best possible is dotted.
        tasks: Those that are drawn, in order; their places give the colours.
        look: Colours and words.
    """
    kinds = list(dict.fromkeys(aucs["kind"]))
    if not kinds:
        return empty_figure("No training of this study was kept.", look)
    figure = make_subplots(rows=len(tasks), cols=1, vertical_spacing=0.2 / len(tasks))
    for row, task in enumerate(tasks, start=1):
        color, of_task = look.task(tasks, task), aucs[aucs["task"] == task]
        for place, kind in enumerate(kinds):
            for trace in _row(of_task[of_task["kind"] == kind], kind, place, color, look):
                figure.add_trace(trace, row, 1)
        title, oracle = look.named(tasks, task), of_task["oracle"].max()
        if pd.notna(oracle):
            title += f" · {look.say('dotted: the best possible')} {oracle:.4f}"
            figure.add_vline(x=oracle, line={"color": color, "width": 1.5, "dash": "dot"}, row=row, col=1)
        number = "" if row == 1 else row
        figure.add_annotation(
            text=title,
            xref=f"x{number} domain",
            yref=f"y{number} domain",
            **{"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False},
        )
    ends = [len(kinds) - 0.5, -0.5]
    figure.update_yaxes(tickvals=list(range(len(kinds))), ticktext=kinds, range=ends, showgrid=False)
    figure.update_xaxes(nticks=7)
    return dressed(figure, look, height=70 + (50 + _ROW * len(kinds)) * len(tasks))


def _row(found: pd.DataFrame, kind: str, place: int, color: str, look: Look) -> list[go.Scatter]:
    """One architecture: a thin line and a small dot per seed, one above the other, and their mean."""
    if found.empty:
        return []
    lines = [place + ((number + 1) / (len(found) + 1) - 0.5) * _SPREAD for number in range(len(found))]
    ends = [end for low, high in zip(found["low"], found["high"], strict=True) for end in (low, high, None)]
    seeds = [
        f"{kind} · {look.say('seed')} {seed}: {auc:.4f} ({low:.4f} – {high:.4f})"
        for seed, auc, low, high in zip(found["seed"], found["auc"], found["low"], found["high"], strict=True)
    ]
    mean = float(found["auc"].mean())
    small = {"color": color, "size": 5, "opacity": 0.7}
    large = {"color": color, "size": 11, "line": {"color": look.ground, "width": 1.5}}
    return [
        go.Scatter(
            x=ends,
            y=[line for line in lines for _ in range(3)],
            mode="lines",
            line={"color": color, "width": 1.5},
            opacity=0.45,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=found["auc"], y=lines, mode="markers", marker=small, text=seeds, hovertemplate="%{text}<extra></extra>"
        ),
        go.Scatter(
            x=[mean], y=[place], mode="markers", marker=large, hovertemplate=f"{kind}: {mean:.4f}<extra></extra>"
        ),
    ]
