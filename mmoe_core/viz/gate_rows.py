"""What a mean gate hides: how its weights are spread over the rows, and how many experts are heard, over training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import cross_out, everyone, expert_names, not_heard, reader_color, reader_name
from .look import Look, dressed, empty_figure, text_width

__all__ = ["effective_experts_curve", "gate_distribution"]

_MOST_LYING = 240  # px of all experts' names together, as a phone has them; more and they stand on end
_LABEL = 15  # px between two labels


def gate_distribution(
    histogram_REK: np.ndarray,
    readers: Sequence[str],
    experts: Sequence[str],
    look: Look,
    *,
    audience: Audience | None = None,
) -> go.Figure:
    """How each gate weight is spread over the rows: one small histogram per reader and expert, share of rows upwards.

    Args:
        histogram_REK: Rows per bin, shape (R, E, K), equal bins over 0 to 1.
        readers: R names.
        experts: E names.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
    """
    audience = audience or everyone(readers, experts)
    num_bins = histogram_REK.shape[-1]
    centres = (np.arange(num_bins) + 0.5) / num_bins
    shares_REK = histogram_REK / np.maximum(1, histogram_REK.sum(axis=-1, keepdims=True))
    figure = make_subplots(
        rows=len(readers),
        cols=len(experts),
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=min(0.01, 0.2 / len(experts)),
        vertical_spacing=min(0.08, 0.3 / len(readers)),
        column_titles=expert_names(audience, look),
    )
    is_lying = sum(text_width(look.say(expert)) for expert in experts) <= _MOST_LYING
    figure.update_annotations(font_size=12, textangle=0 if is_lying else -60)
    for row, reader in enumerate(readers):
        color, unheard = reader_color(audience, look, reader), dict(not_heard(audience, look, reader))
        for column, expert in enumerate(experts):
            if column in unheard:
                cross_out(figure, [(0.5, 0.5)], [unheard[column]], look, row=row + 1, column=column + 1)
                continue
            bars = go.Bar(
                x=centres,
                y=shares_REK[row, column],
                width=1 / num_bins,
                marker={"color": color, "line": {"width": 0}},
                hovertemplate=f"{look.say(reader)} → {look.say(expert)}<br>%{{x:.3f}}: %{{y:.1%}}<extra></extra>",
            )
            figure.add_trace(bars, row + 1, column + 1)
        figure.update_yaxes(title={"text": reader_name(audience, look, reader)}, row=row + 1, col=1)
    figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=3)
    figure.update_xaxes(range=[0, 1], tickvals=[0, 1], showticklabels=False)
    figure.update_xaxes(showticklabels=True, row=len(readers), col=1)
    _rule_columns(figure, audience, look)
    height = 60 + min(150, 600 // len(readers) + 30) * len(readers)
    dressed(figure, look, height=height if is_lying else height + 50)
    return figure if is_lying else figure.update_layout(margin_t=78)


def _rule_columns(figure: go.Figure, audience: Audience, look: Look) -> None:
    """A line from top to bottom wherever another task's experts begin."""
    for start in audience.starts:
        before, after = (figure.get_subplot(1, column).xaxis.domain for column in (start, start + 1))
        x = (before[1] + after[0]) / 2
        figure.add_shape(
            type="line", xref="paper", yref="paper", x0=x, x1=x, y0=0, y1=1, line={"color": look.quiet, "width": 1}
        )


def effective_experts_curve(
    frame: pd.DataFrame, look: Look, *, num_experts: int, audience: Audience | None = None
) -> go.Figure:
    """Effective number of experts, exp(entropy of the mean gate), over training; from 1 to the number of experts.

    Args:
        frame: One row per snapshot step, one column per reader.
        look: Colours and words.
        num_experts: Upper end of the scale.
        audience: Which readers are tasks; default: all.
    """
    if frame.empty:
        return empty_figure("No gates recorded yet.", look)
    readers = [*frame.columns]
    audience = audience or everyone(readers, ())
    labels = {reader: f" {look.say(reader)} {frame[reader].iloc[-1]:.1f}" for reader in readers}
    low, high, height = 0.9, num_experts * 1.02, max(260, 90 + _LABEL * len(readers))
    places = _apart([float(frame[reader].iloc[-1]) for reader in readers], (high - low) * _LABEL / (height - 70), high)
    figure = go.Figure()
    for reader, place in zip(readers, places, strict=True):
        color = reader_color(audience, look, reader)
        figure.add_trace(
            go.Scatter(x=frame.index, y=frame[reader], mode="lines", line={"color": color, "width": 2}, name=reader)
        )
        figure.add_annotation(
            x=frame.index[-1], y=place, text=labels[reader], showarrow=False, xanchor="left", font={"color": color}
        )
    figure.update_yaxes(range=[low, high], title_text=look.say("effective experts"))
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, frame.index[-1])])
    room = 16 + max(text_width(label) for label in labels.values())
    return dressed(figure, look, height=height).update_layout(margin_r=room)


def _apart(wanted: Sequence[float], gap: float, high: float) -> list[float]:
    """Heights of labels, none nearer to another than `gap`, the highest at most at `high`."""
    placed, ceiling = [0.0] * len(wanted), high
    for index in sorted(range(len(wanted)), key=lambda index: -wanted[index]):
        placed[index] = min(wanted[index], ceiling)
        ceiling = placed[index] - gap
    return placed
