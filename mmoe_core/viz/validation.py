"""Several runs on one validation: a panel per task, a line per run with its letter at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .look import Look, dressed, empty_figure, text_width

__all__ = ["validation_curves"]

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "2px,6px", "12px,3px")
_PANEL, _TITLE = 200, 50  # px
_LETTER = 16  # px that a letter at a line's end needs for itself
_INTERVAL, _RANGE = " [{:.4f}, {:.4f}]", " ({:.4f} – {:.4f})"
_BAND = 0.18  # opacity
_ROOM = 0.08  # of a panel's height, above and below its lines


def validation_curves(
    curves: Mapping[str, pd.DataFrame],
    measures: Mapping[str, str],
    look: Look,
    *,
    tasks: Sequence[str],
    bands: Collection[str] = (),
) -> go.Figure:
    """The task's colour, a stroke per run: the first one, the baseline, is solid and bold.

    Args:
        curves: A run's letter → frame from `analysis.validation_curve`; a task that it lacks is not drawn.
        measures: Task → what its panel measures, AUC or RMSE; a panel each, in order.
        look: Colours and words.
        tasks: All tasks of the baseline, in order; gives the task its colour.
        bands: Letters that stand for several runs: from `analysis.mean_curve`, with the range of their values behind.
    """
    if not measures or all(curve.empty for curve in curves.values()):
        return empty_figure("No run has looked at validation yet.", look)
    figure = make_subplots(rows=len(measures), cols=1, shared_xaxes=True, vertical_spacing=0.2 / len(measures))
    last_step = max(int(curve["step"].max()) for curve in curves.values() if len(curve))
    for row, (task, measure) in enumerate(measures.items(), start=1):
        lines = {letter: curve[curve["task"] == task] for letter, curve in curves.items()}
        lines = {letter: line for letter, line in lines.items() if len(line)}
        color = look.task(tasks, task)
        for letter, line in lines.items():
            if letter in bands:
                figure.add_trace(_band(line, letter, color), row, 1)
            spread = _RANGE if letter in bands else _INTERVAL
            figure.add_trace(_line(line, letter, list(curves).index(letter), color, look, spread), row, 1)
        low, high = _reach(lines, bands)
        figure.update_yaxes(range=[low, high], nticks=5, row=row, col=1)
        ends = {letter: float(line["value"].iloc[-1]) for letter, line in lines.items()}
        for letter, place in _apart(ends, _LETTER / _PANEL * (high - low), low, high).items():
            step = int(lines[letter]["step"].iloc[-1])
            text = f" <b>{letter}</b>" if letter == next(iter(curves)) else f" {letter}"
            figure.add_annotation(x=step, y=place, text=text, xanchor="left", showarrow=False, row=row, col=1)
        number = "" if row == 1 else row
        figure.add_annotation(
            text=f"{look.named(tasks, task)} · {measure}",
            xref=f"x{number} domain",
            yref=f"y{number} domain",
            **{"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False},
        )
    figure.update_annotations(font_color=look.ink)
    figure.update_xaxes(range=[0, max(1, last_step)], nticks=6)
    figure.update_xaxes(title_text=look.say("step"), row=len(measures), col=1)
    return dressed(figure, look, height=70 + (_TITLE + _PANEL) * len(measures)).update_layout(
        margin_r=24 + max(map(text_width, curves))
    )


def _line(line: pd.DataFrame, letter: str, place: int, color: str, look: Look, spread: str) -> go.Scatter:
    """Its values with what is around them for whoever points at them."""
    told = [
        f"{letter} · {look.say('step')} {step:,}: {value:.4f}" + ("" if pd.isna(low) else spread.format(low, high))
        for step, value, low, high in line[["step", "value", "low", "high"]].itertuples(index=False)
    ]
    return go.Scatter(
        x=line["step"],
        y=line["value"],
        mode="lines",
        name=letter,
        line={"color": color, "width": 3 if place == 0 else 1.8, "dash": _DASHES[place % len(_DASHES)]},
        text=told,
        hovertemplate="%{text}<extra></extra>",
    )


def _band(line: pd.DataFrame, letter: str, color: str) -> go.Scatter:
    """From low to high."""
    return go.Scatter(
        x=[*line["step"], *line["step"][::-1]],
        y=[*line["high"], *line["low"][::-1]],
        mode="lines",
        name=letter,
        line={"width": 0},
        fill="toself",
        fillcolor=color,
        opacity=_BAND,
        hoverinfo="skip",
    )


def _reach(lines: Mapping[str, pd.DataFrame], bands: Collection[str]) -> tuple[float, float]:
    """Of a panel: all its lines and bands, and some room."""
    seen = [line["value"] for line in lines.values()]
    seen += [lines[letter][end] for letter in bands if letter in lines for end in ("low", "high")]
    values = pd.concat(seen) if seen else pd.Series([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    room = _ROOM * (high - low) or 0.01
    return low - room, high + room


def _apart(places: Mapping[str, float], least: float, low: float, high: float) -> dict[str, float]:
    """The places in their order, moved as little as it takes (least squares) until any two are `least` apart.

    That is isotonic regression of what is left of the places when their least distances are taken away; neighbours
    that would overlap are pooled.
    """
    order = sorted(places, key=places.__getitem__)
    pools: list[list[float]] = []
    for number, name in enumerate(order):
        pools.append([places[name] - number * least])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    most = high - (len(order) - 1) * least
    levels = [min(max(fmean(pool), low), most) for pool in pools for _ in pool]
    return {name: level + number * least for number, (name, level) in enumerate(zip(order, levels, strict=True))}
