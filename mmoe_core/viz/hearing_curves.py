"""How many experts a gate hears and how far the readers' gates are apart, over training, against the untrained gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..config import Audience
from .hearing import everyone, reader_color, reader_name
from .heat import heat
from .look import Look, dressed, empty_figure, text_width

__all__ = ["distance_curve", "distance_heatmap", "effective_experts_curve"]

_LABEL = 15  # px between two labels


def effective_experts_curve(
    frame: pd.DataFrame, look: Look, *, num_experts: int, audience: Audience | None = None
) -> go.Figure:
    """Effective number of experts, exp(entropy of the mean gate), over training; from 1 to the number of experts.

    A dotted line stays where the reader's gate was untrained.

    Args:
        frame: One row per snapshot step from the untrained gate on, one column per reader.
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
        figure.add_trace(_as_untrained(frame[reader], color))
        figure.add_annotation(
            x=frame.index[-1], y=place, text=labels[reader], showarrow=False, xanchor="left", font={"color": color}
        )
    figure.update_yaxes(range=[low, high], title_text=look.say("effective experts"))
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, frame.index[-1])])
    room = 16 + max(text_width(label) for label in labels.values())
    return dressed(figure, look, height=height).update_layout(margin_r=room)


def distance_curve(distances: pd.Series, look: Look) -> go.Figure:
    """Jensen-Shannon distance between the readers' mean gates over training, mean over pairs; on a scale from 0 to 1.

    Args:
        distances: By snapshot step, from the untrained gate on.
        look: Colours and words.
    """
    if distances.empty:
        return empty_figure("One reader has no distance to anybody.", look)
    label = f" {distances.iloc[-1]:.2f}"
    line = go.Scatter(x=distances.index, y=distances, mode="lines", line={"color": look.ink, "width": 2})
    figure = go.Figure([line, _as_untrained(distances, look.quiet)])
    figure.add_annotation(x=distances.index[-1], y=distances.iloc[-1], text=label, showarrow=False, xanchor="left")
    figure.update_yaxes(range=[-0.02, 1.02], title_text=look.say("Jensen–Shannon distance"))
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, distances.index[-1])])
    return dressed(figure, look, height=260).update_layout(margin_r=16 + text_width(label))


def distance_heatmap(
    now: pd.DataFrame, untrained: pd.DataFrame, look: Look, *, audience: Audience | None = None
) -> go.Figure:
    """Jensen-Shannon distance of every pair of readers: now below the diagonal, untrained above it.

    Args:
        now: Readers both ways.
        untrained: The same before training.
        look: Colours and words.
        audience: Which readers are tasks; default: all.
    """
    readers = [*now.index]
    audience = audience or everyone(readers, ())
    below = np.tri(len(readers), k=-1, dtype=bool)
    cells = np.where(below, now.to_numpy(), np.where(below.T, untrained.to_numpy(), np.nan))
    names = [reader_name(audience, look, reader) for reader in readers]
    figure = go.Figure(heat(cells, names, names, look))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, tickangle=0 if len(readers) < 4 else -45)
    return dressed(figure, look, height=90 + 40 * len(readers))


def _as_untrained(values: pd.Series, color: str) -> go.Scatter:
    """A dotted line at the first value."""
    ends = [values.index[0], values.index[-1]]
    line = {"color": color, "width": 1.25, "dash": "dot"}
    return go.Scatter(x=ends, y=[values.iloc[0]] * 2, mode="lines", line=line, hoverinfo="skip")


def _apart(wanted: Sequence[float], gap: float, high: float) -> list[float]:
    """Heights of labels, none nearer to another than `gap`, the highest at most at `high`."""
    placed, ceiling = [0.0] * len(wanted), high
    for index in sorted(range(len(wanted)), key=lambda index: -wanted[index]):
        placed[index] = min(wanted[index], ceiling)
        ceiling = placed[index] - gap
    return placed
