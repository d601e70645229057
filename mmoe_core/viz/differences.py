"""Before and after, task by task: the difference with its interval on a line at no difference."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["difference_dots"]

_LEAST_REACH = 1e-4  # of the axis, so that what is unchanged stands in the middle of something


def difference_dots(found: pd.DataFrame, look: Look, *, tasks: Sequence[str], title: str) -> go.Figure:
    """A dot per task with its 95 % interval; full where it is told from no difference, else open.

    Args:
        found: Index task; columns difference, low and high, NaN where these rows cannot say.
        look: Colours and words.
        tasks: All of the run, in order; their places give the colours.
        title: What the axis measures, and which way is worse.
    """
    if found.empty:
        return empty_figure("No difference can be measured on these rows.", look)
    figure = go.Figure()
    for place, (task, (middle, low, high)) in enumerate(found[["difference", "low", "high"]].iterrows()):
        color = look.task(tasks, str(task))
        is_told = low > 0 or high < 0
        figure.add_trace(
            go.Scatter(
                x=[low, high], y=[place, place], mode="lines", line={"color": color, "width": 2}, hoverinfo="skip"
            )
        )
        dot = {"color": color if is_told else look.ground, "size": 11, "line": {"color": color, "width": 2}}
        figure.add_trace(go.Scatter(x=[middle], y=[place], mode="markers", marker=dot, hoverinfo="skip"))
        interval = "" if pd.isna(low) else f" [{low:+.4f}, {high:+.4f}]"
        said = f"{middle:+.4f}{interval}".replace("-", "−")
        figure.add_annotation(
            text=f"{look.named(tasks, str(task))} {said}",
            **{
                "x": 0,
                "xref": "x domain",
                "xanchor": "left",
                "y": place,
                "yshift": 20,
                "showarrow": False,
                "bgcolor": look.ground,
            },
        )
    reach = 1.15 * max(_LEAST_REACH, float(found.abs().max().max()))
    figure.add_vline(x=0, line={"color": look.quiet, "width": 1}, layer="below")
    figure.update_xaxes(range=[-reach, reach], nticks=5, title_text=title)
    figure.update_yaxes(range=[len(found) - 0.5, -0.9], showticklabels=False, showgrid=False)
    return dressed(figure, look, height=80 + 64 * len(found))
