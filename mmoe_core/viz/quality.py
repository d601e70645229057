"""Pictures of how good a run is: whether its probabilities come true, and what learning together has brought."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["Scale", "calibration_curve", "gain_dots"]

Scale = Literal["linear", "log"]

_LOWEST = 1e-7  # where a logarithmic scale ends at the latest
_MOST_DECADES = 4  # more, and every other one is named
_LEAST_REACH = 0.01  # of the gains' scale: a fluke of a thousandth does not fill the picture


def calibration_curve(
    curves: Mapping[str, pd.DataFrame], task: str, look: Look, *, tasks: Sequence[str], scale: Scale = "linear"
) -> go.Figure:
    """What was said across, what happened up, a dot per bin with its 95 % interval; dotted: said and done alike.

    Both axes run from 0 to 1; on the logarithmic scale over the decades that the curves of all tasks need, so that the
    pictures of two tasks compare. There, a bin without positives stands open on the lower edge.

    Args:
        curves: Task → frame from `analysis.calibration_frame`.
        task: Whose picture it is.
        look: Colours and words.
        tasks: All tasks of the run, in order; gives the task its colour.
        scale: Of both axes.
    """
    curve = curves[task]
    if curve.empty:
        return empty_figure("No row says anything of this task.", look)
    lowest, highest = (0.0, 1.0) if scale == "linear" else _decades(curves)
    shown = curve[["predicted", "observed", "low", "high"]].clip(lower=lowest)
    color = look.task(tasks, task)
    is_lost = curve["positives"].eq(0) & (scale == "log")  # on a logarithmic scale there is no place for a share of 0
    figure = go.Figure()
    figure.add_trace(_line([lowest, highest], [lowest, highest], look.quiet, width=1, dash="dot"))
    figure.add_trace(_line(shown["predicted"], shown["observed"].mask(is_lost), color))
    figure.add_trace(
        go.Scatter(
            x=shown["predicted"],
            y=shown["observed"],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": shown["high"] - shown["observed"],
                "arrayminus": shown["observed"] - shown["low"],
                "color": color,
                "thickness": 1,
                "width": 2,
            },
            mode="markers",
            marker={"color": color, "size": 7, "symbol": np.where(is_lost, "circle-open", "circle")},
            customdata=curve[["predicted", "observed", "low", "high", "positives", "rows"]],
            hovertemplate="%{customdata[0]:.3~g} → %{customdata[1]:.3~g} [%{customdata[2]:.3~g}, %{customdata[3]:.3~g}]"
            "<br>%{customdata[4]:,} / %{customdata[5]:,}<extra></extra>",
            cliponaxis=False,
        )
    )
    _write(figure, look.named(tasks, task), _bin_sizes(curve, look), y=1, yref="y domain")
    _lay_axes(figure, look, scale, lowest, highest)
    return dressed(figure, look, height=380).update_layout(margin_t=60)


def _write(figure: go.Figure, name: str, text: str, **place: object) -> None:
    """A name and beneath it what is to be said, on the left above a place; a line each, since names may be long."""
    place = {"x": 0, "xref": "x domain", "xanchor": "left", "yanchor": "bottom", "align": "left", **place}
    figure.add_annotation(text=f"{name}<br>{text}", **place, showarrow=False)


def _lay_axes(figure: go.Figure, look: Look, scale: Scale, lowest: float, highest: float) -> None:
    """Both axes alike, so that the dotted line rises by 45 degrees."""
    across, up = look.say("probability that was given"), look.say("share that came true")
    if scale == "linear":
        axis = {"range": [lowest, highest], "dtick": 0.25, "tickformat": ".0%"}
    else:
        ends = [math.log10(lowest), math.log10(highest)]
        step = 1 if ends[1] - ends[0] <= _MOST_DECADES else 2
        axis = {"type": "log", "range": ends, "dtick": step, "tickformat": "~%"}
        across = f"{across} · {look.say('log scale')}"
    figure.update_xaxes(**axis, constrain="domain", title_text=across)
    figure.update_yaxes(**axis, constrain="domain", title_text=up, scaleanchor="x")


def _line(x: Sequence[float] | pd.Series, y: Sequence[float] | pd.Series, color: str, **kind: object) -> go.Scatter:
    return go.Scatter(x=x, y=y, mode="lines", line={"color": color, "width": 2, **kind}, hoverinfo="skip")


def _bin_sizes(curve: pd.DataFrame, look: Look) -> str:
    """How many rows a dot stands for."""
    least, most = int(curve["rows"].min()), int(curve["rows"].max())
    count = f"{least:,}" if least == most else f"{least:,} – {most:,}"
    return look.say("rows per dot: {count}").format(count=count)


def _decades(curves: Mapping[str, pd.DataFrame]) -> tuple[float, float]:
    """Powers of ten around all that has to be seen."""
    every = np.concatenate([curve[["predicted", "observed", "high"]].to_numpy().ravel() for curve in curves.values()])
    lowest = math.floor(math.log10(max(_LOWEST, float(every[every > 0].min()))))
    highest = math.ceil(math.log10(float(every.max())))
    return 10.0 ** min(lowest, highest - 1), 10.0**highest


def gain_dots(gains: pd.DataFrame, look: Look, *, mean: tuple[float, tuple[float, float] | None] | None) -> go.Figure:
    """Relative gain of each task over its single-task network: a dot with its 95 % interval, and a line at no gain.

    A full dot is told from no gain, an open one is not. Its name and numbers stand above it.

    Args:
        gains: From `analysis.gain_frame`, all tasks in order.
        look: Colours and words.
        mean: Δ and its interval; drawn last.
    """
    tasks = [*gains.index]
    lines = [
        (look.named(tasks, task), look.task(tasks, task), gain, low, high)
        for task, (gain, low, high) in zip(tasks, gains[["gain", "low", "high"]].to_numpy(), strict=True)
    ]
    if mean is not None:
        ends = mean[1] or (math.nan, math.nan)
        lines.append((f"<b>Δ</b> {look.say('mean over tasks')}", look.ink, mean[0], *ends))
    numbers = [abs(number) for _, _, *three in lines for number in three if not math.isnan(number)]
    reach = 1.1 * max(_LEAST_REACH, *numbers) if numbers else _LEAST_REACH
    figure = go.Figure()
    for place, (name, color, gain, low, high) in enumerate(lines):
        text = look.say("undefined") if math.isnan(gain) else _said(gain, low, high)
        is_open = math.isnan(low) or low <= 0 <= high
        figure.add_trace(_line([low, high], [place, place], color))
        figure.add_trace(
            go.Scatter(
                x=[gain],
                y=[place],
                mode="markers",
                marker={"color": look.ground if is_open else color, "size": 11, "line": {"color": color, "width": 2}},
                hoverinfo="skip",
            )
        )
        _write(figure, name, text, y=place, yshift=8)
    figure.add_vline(x=0, line={"color": look.quiet, "width": 1}, layer="below")
    figure.update_xaxes(range=[-reach, reach], tickformat=".1~%", nticks=6)
    figure.update_xaxes(title_text=look.say("gain over single-task networks"))
    figure.update_yaxes(range=[len(lines) - 0.7, -0.9], showticklabels=False, showgrid=False)
    return dressed(figure, look, height=70 + 64 * len(lines))


def _said(gain: float, low: float, high: float) -> str:
    interval = "" if math.isnan(low) else f" [{low:+.2%}, {high:+.2%}]"
    return f"{gain:+.2%}{interval}".replace("-", "−")
