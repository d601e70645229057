"""Pictures of gates. Every gate weight is drawn on one fixed scale, 0 to 1, so that two pictures compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .look import Look, dressed, empty_figure, text_width

__all__ = ["effective_experts_curve", "gate_distribution", "gate_film", "gate_heatmap", "segment_heatmap"]

_MOST_PRINTED = 16  # more experts than this and a number no longer fits into its cell
_MOST_PRINTED_BESIDE_NAMES = 8  # the same where long names leave less room
_NO_WIDTH = "\u200b"  # tells equal names of an axis apart without showing
_NO_GATES = "No gates recorded yet."


def gate_heatmap(usage: pd.DataFrame, look: Look, *, untrained: pd.DataFrame | None = None) -> go.Figure:
    """Mean gate weight: readers down, experts across; the untrained gate as a pale row beneath each reader.

    Args:
        usage: One row per reader, one column per expert; rows sum to 1.
        look: Colours and words.
        untrained: The same before training.
    """
    if usage.empty:
        return empty_figure(_NO_GATES, look)
    names, rows = [], []
    readers = [*usage.index]
    for reader in readers:
        names.append(look.named(readers, reader))
        rows.append(usage.loc[reader].to_numpy())
        if untrained is not None:
            names.append(f"{look.say('untrained')}{_NO_WIDTH * len(names)}")
            rows.append(untrained.loc[reader].to_numpy())
    figure = go.Figure(_heat(np.stack(rows), _said(usage.columns, look), names, look))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return dressed(figure, look, height=70 + 44 * len(names))


def segment_heatmap(usage: pd.DataFrame, look: Look, *, tasks: Sequence[str]) -> go.Figure:
    """Mean gate weight by segment, a panel per task above the next: segments down with their rows, experts across.

    Args:
        usage: Index (segment, reader), one column per expert and `rows`; the experts' columns sum to 1.
        look: Colours and words.
        tasks: Readers in order; gives each panel's title its colour.
    """
    if usage.empty:
        return empty_figure(_NO_GATES, look)
    readers = [task for task in tasks if task in usage.index.get_level_values(1)]
    figure = make_subplots(rows=len(readers), cols=1, shared_xaxes=True, vertical_spacing=0.3 / len(readers))
    deepest = 0
    for row, reader in enumerate(readers, start=1):
        part = usage.xs(reader, level=1)
        weights = part.drop(columns="rows")
        names = [f"{look.say(str(name))} · {rows:,}" for name, rows in part["rows"].items()]
        deepest = max(deepest, len(part))
        heat = _heat(weights.to_numpy(), _said(weights.columns, look), names, look, printed=False)
        figure.add_trace(heat.update(xgap=2, **_short_numbers(weights.to_numpy())), row, 1)
        _panel_title(figure, reader, look, tasks, row)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(showgrid=False)
    return dressed(figure, look, height=60 + (60 + 32 * deepest) * len(readers))


def gate_film(film: Mapping[str, pd.DataFrame], look: Look, *, step: int | None = None) -> go.Figure:
    """Mean gate weight over training, one panel per reader: experts down, steps across.

    Args:
        film: Reader → frame with one row per snapshot step and one column per expert.
        look: Colours and words.
        step: Marked by a line, if given.
    """
    if not film or next(iter(film.values())).empty:
        return empty_figure(_NO_GATES, look)
    readers = list(film)
    figure = make_subplots(rows=1, cols=len(readers), shared_yaxes=True, horizontal_spacing=0.04)
    for column, (reader, frame) in enumerate(film.items(), start=1):
        figure.add_trace(
            _heat(frame.to_numpy().T, frame.index.to_numpy(), _said(frame.columns, look), look, printed=False),
            1,
            column,
        )
        _panel_title(figure, reader, look, readers, column)
        if step is not None:
            figure.add_vline(x=step, line={"color": look.ink, "width": 1, "dash": "dot"}, row=1, col=column)
    figure.update_xaxes(title_text=look.say("step"), showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return dressed(figure, look, height=110 + 24 * next(iter(film.values())).shape[1])


def gate_distribution(
    histogram_REK: np.ndarray, readers: Sequence[str], experts: Sequence[str], look: Look
) -> go.Figure:
    """How each gate weight is spread over the rows: one small histogram per reader and expert, share of rows upwards.

    Args:
        histogram_REK: Rows per bin, shape (R, E, K), equal bins over 0 to 1.
        readers: R names.
        experts: E names.
        look: Colours and words.
    """
    num_bins = histogram_REK.shape[-1]
    centres = (np.arange(num_bins) + 0.5) / num_bins
    shares_REK = histogram_REK / np.maximum(1, histogram_REK.sum(axis=-1, keepdims=True))
    figure = make_subplots(
        rows=len(readers),
        cols=len(experts),
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.01,
        vertical_spacing=0.08,
        column_titles=_said(experts, look),
    )
    for row, reader in enumerate(readers):
        for column, expert in enumerate(experts):
            bars = go.Bar(
                x=centres,
                y=shares_REK[row, column],
                width=1 / num_bins,
                marker={"color": look.task(readers, reader), "line": {"width": 0}},
                hovertemplate=f"{look.say(reader)} → {expert}<br>%{{x:.3f}}: %{{y:.1%}}<extra></extra>",
            )
            figure.add_trace(bars, row + 1, column + 1)
        figure.update_yaxes(
            title={"text": look.say(reader), "font": {"color": look.task(readers, reader)}}, row=row + 1, col=1
        )
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=3)
    figure.update_xaxes(range=[0, 1], tickvals=[0, 1], showticklabels=False)
    figure.update_xaxes(showticklabels=True, row=len(readers), col=1)
    return dressed(figure, look, height=60 + 150 * len(readers))


def effective_experts_curve(frame: pd.DataFrame, look: Look, *, num_experts: int) -> go.Figure:
    """Effective number of experts, exp(entropy of the mean gate), over training; from 1 to the number of experts.

    Args:
        frame: One row per snapshot step, one column per reader.
        look: Colours and words.
        num_experts: Upper end of the scale.
    """
    if frame.empty:
        return empty_figure(_NO_GATES, look)
    readers = [*frame.columns]
    labels = {reader: f" {look.say(reader)} {frame[reader].iloc[-1]:.1f}" for reader in readers}
    figure = go.Figure()
    for reader in readers:
        color = look.task(readers, reader)
        figure.add_trace(
            go.Scatter(x=frame.index, y=frame[reader], mode="lines", line={"color": color, "width": 2}, name=reader)
        )
        figure.add_annotation(
            x=frame.index[-1],
            y=frame[reader].iloc[-1],
            text=labels[reader],
            showarrow=False,
            xanchor="left",
            font={"color": color},
        )
    figure.update_yaxes(range=[0.9, num_experts * 1.02], title_text=look.say("effective experts"))
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, frame.index[-1])])
    room = 16 + max(text_width(label) for label in labels.values())
    return dressed(figure, look, height=260).update_layout(margin_r=room)


def _heat(
    z: np.ndarray,
    x: Sequence[object] | np.ndarray,
    y: Sequence[str],
    look: Look,
    *,
    printed: bool = True,
) -> go.Heatmap:
    return go.Heatmap(
        z=z,
        x=x,
        y=y,
        zmin=0,
        zmax=1,
        colorscale=[[0, look.heat[0]], [1, look.heat[1]]],
        showscale=False,
        texttemplate="%{z:.2f}" if printed and len(x) <= _MOST_PRINTED else None,
        xgap=2 if printed else 0,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
    )


def _said(names: Iterable[object], look: Look) -> list[str]:
    return [look.say(str(name)) for name in names]


def _short_numbers(weights_SE: np.ndarray) -> dict[str, Any]:
    """Numbers without the zero before their point, in a size that is read beside long names on a phone; or none."""
    if weights_SE.shape[1] > _MOST_PRINTED_BESIDE_NAMES:
        return {}
    text = [[f"{weight:.2f}".removeprefix("0") for weight in row] for row in weights_SE]
    return {"text": text, "texttemplate": "%{text}", "textfont": {"size": 11}}


def _panel_title(figure: go.Figure, reader: str, look: Look, tasks: Sequence[str], panel: int) -> None:
    figure.add_annotation(
        text=look.named(tasks, reader),
        font={"size": 14},
        xref="x domain" if panel == 1 else f"x{panel} domain",
        yref="y domain" if panel == 1 else f"y{panel} domain",
        x=0,
        y=1.0,
        yanchor="bottom",
        showarrow=False,
    )
