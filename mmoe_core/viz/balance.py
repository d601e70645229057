"""Pictures of what weighs the tasks' losses."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .look import Look, dressed, empty_figure, text_width

__all__ = ["balance_curve"]


def balance_curve(weights: pd.DataFrame, look: Look) -> go.Figure:
    """A task's weight over training; the axis is linear and holds 0, since a method's weight can be 0 or below.

    Args:
        weights: One row per step, one column per task: w, λ or both multiplied.
        look: Colours and words.
    """
    if weights.empty:
        return empty_figure("No steps recorded yet.", look)
    tasks = [*weights.columns]
    labels = {task: f" {look.say(task)} {weights[task].iloc[-1]:.2f}" for task in tasks}
    figure = go.Figure()
    for task in tasks:
        line = {"color": look.task(tasks, task), "width": 2}
        figure.add_trace(go.Scatter(x=weights.index, y=weights[task], mode="lines", line=line, name=look.say(task)))
        figure.add_annotation(
            x=weights.index[-1],
            y=weights[task].iloc[-1],
            text=labels[task],
            showarrow=False,
            xanchor="left",
            font={"color": look.task(tasks, task)},
        )
    figure.update_yaxes(title_text=look.say("weight"), rangemode="tozero")
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, weights.index[-1])])
    room = 16 + max(text_width(label) for label in labels.values())
    return dressed(figure, look, height=260).update_layout(margin_r=room)
