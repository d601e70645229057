"""What is published about the real log, beside what was counted here."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["marginal_dots"]


def marginal_dots(marginals: Mapping[str, tuple[float, float]], look: Look, *, found: str = "simulated") -> go.Figure:
    """Two dots per quantity on a line, on one scale: an open one for what is published, a full one for what is here.

    Args:
        marginals: Quantity → (published, found here), shares from 0 to 1; its name is said as it stands.
        look: Colours and words.
        found: What the second number is called.
    """
    if not marginals:
        return empty_figure("Nothing is published to compare with.", look)
    names = list(marginals)
    published, here = zip(*marginals.values(), strict=True)
    between: list[float | None] = [place for pair in marginals.values() for place in (*pair, None)]
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=between,
            y=[name for name in names for _ in range(3)],
            mode="lines",
            line={"color": look.quiet, "width": 2},
            hoverinfo="skip",
        )
    )
    open_dot = {"symbol": "circle-open", "size": 13, "color": look.ink, "line": {"width": 2}}
    for title, places, marker in (
        (look.say("published"), published, open_dot),
        (look.say(found), here, {"size": 7, "color": look.tasks[1]}),
    ):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=names,
                mode="markers",
                name=title,
                marker=marker,
                showlegend=True,
                hovertemplate="%{x:.3%}<extra>" + title + "</extra>",
            )
        )
    figure.data[0].showlegend = False
    highest = max(*published, *here)
    figure.update_xaxes(range=[-0.02 * highest, 1.05 * highest], tickformat=".1%" if highest < 0.1 else ".0%")
    figure.update_yaxes(autorange="reversed", gridcolor=look.line)
    dressed(figure, look, height=90 + 22 * len(names))
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"}
    return figure.update_layout(showlegend=True, legend=legend)
