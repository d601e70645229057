"""Pictures of a comparison over seeds: a faint dot per seed, so that nobody takes a mean for all there is to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .look import Look, dressed, empty_figure

__all__ = ["loss_strips", "paired_differences"]

Row = tuple[str, float]  # who, at which correlation

_LANES = 5  # dots of one row stand on so many lines, so that equal ones are seen apart
_LANE = 0.11
_ROW = 44  # px
_NOTHING = "No training of this study was kept."


def paired_differences(
    differences: Mapping[Row, Sequence[float]],
    intervals: Mapping[Row, tuple[float, float | None, float | None]],
    look: Look,
) -> go.Figure:
    """A panel per correlation, a row per pair: each seed's difference, and their mean with its interval.

    Args:
        differences: (name of the pair, p) → a difference per seed.
        intervals: The same → mean, lower and upper end.
        look: Colours and words.
    """
    if not differences:
        return empty_figure(_NOTHING, look)
    figure = _panels(differences, look)
    for (name, p), (mean, low, high) in intervals.items():
        row, place = _place(differences, name, p)
        text = f"{mean:+.4f}"
        if low is not None and high is not None:
            line = {"color": look.ink, "width": 3}
            figure.add_trace(
                go.Scatter(x=[low, high], y=[place, place], mode="lines", line=line, hoverinfo="skip"), row, 1
            )
            text += f" ({low:+.4f} … {high:+.4f})"
        marker = {"color": look.ink, "size": 10}
        figure.add_trace(_mean(mean, place, text.replace("-", "−"), marker), row, 1)
    figure.add_vline(x=0, line={"color": look.quiet, "width": 1})
    lines = look.say("test MSE less MMoE's"), look.say("right of 0 MMoE is better")  # one would not fit on a phone
    return _on_one_scale(figure, differences, "<br>".join(lines))


def loss_strips(losses: Mapping[Row, Sequence[float]], look: Look) -> go.Figure:
    """A panel per correlation, a row per architecture: each seed's loss on one logarithmic scale, their mean a bar.

    Args:
        losses: (architecture's name, p) → a loss per seed, above 0.
        look: Colours and words.
    """
    if not losses:
        return empty_figure(_NOTHING, look)
    figure = _panels(losses, look)
    for (name, p), found in losses.items():
        row, place = _place(losses, name, p)
        mean = sum(found) / len(found)
        marker = {"symbol": "line-ns", "size": 24, "line": {"color": look.ink, "width": 3}}
        figure.add_trace(_mean(mean, place, f"{mean:.4f}", marker), row, 1)
    figure.update_xaxes(type="log", dtick="D2", tickformat="~g")
    lines = look.say("test MSE, log scale"), look.say("1 is the labels' own variance")
    return _on_one_scale(figure, losses, "<br>".join(lines))


def _panels(dots: Mapping[Row, Sequence[float]], look: Look) -> go.Figure:
    """Faint dots, a panel per correlation, names down its side."""
    correlations, names = _correlations(dots), _names(dots)
    figure = make_subplots(rows=len(correlations), cols=1, shared_xaxes=True, vertical_spacing=0.24 / len(correlations))
    for (name, p), found in dots.items():
        row, place = _place(dots, name, p)
        lanes = [place + (number % _LANES - _LANES // 2) * _LANE for number in range(len(found))]
        marker = {"color": look.quiet, "size": 6, "opacity": 0.45}
        hover = f"p = {p:g} · {name}: %{{x:.4f}}<extra></extra>"
        figure.add_trace(go.Scatter(x=list(found), y=lanes, mode="markers", marker=marker, hovertemplate=hover), row, 1)
    for row, p in enumerate(correlations, start=1):
        figure.add_annotation(
            text=f"<b>p = {p:g}</b>",
            xref=f"x{'' if row == 1 else row} domain",
            yref=f"y{'' if row == 1 else row} domain",
            **{"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False},
        )
    ends = [len(names) - 0.5, -0.5]
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, range=ends, showgrid=False)
    return dressed(figure, look, height=80 + (40 + _ROW * len(names)) * len(correlations))


def _on_one_scale(figure: go.Figure, rows: Mapping[Row, object], title: str) -> go.Figure:
    figure.update_xaxes(matches="x")
    return figure.update_xaxes(title_text=title, row=len(_correlations(rows)), col=1)


def _mean(x: float, y: float, text: str, marker: dict[str, Any]) -> go.Scatter:
    return go.Scatter(x=[x], y=[y], mode="markers", marker=marker, hovertemplate=f"{text}<extra></extra>")


def _correlations(rows: Mapping[Row, object]) -> list[float]:
    return list(dict.fromkeys(sorted(p for _, p in rows)))


def _names(rows: Mapping[Row, object]) -> list[str]:
    return list(dict.fromkeys(name for name, _ in rows))


def _place(rows: Mapping[Row, object], name: str, p: float) -> tuple[int, int]:
    """The panel, from 1, and the line within it."""
    return _correlations(rows).index(p) + 1, _names(rows).index(name)
