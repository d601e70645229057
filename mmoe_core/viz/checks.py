"""Picture of what the clinic has measured, each number beside its bound."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["check_dots"]


def check_dots(checks: Mapping[str, pd.DataFrame], look: Look, *, names: Mapping[str, str]) -> go.Figure:
    """One row per measure on an axis from 0 to 1: a dot per run, and the side of the bound where it is ill, shaded.

    Args:
        checks: By run, the last one in full colour: index `fault`; columns `value`, `bound`, `is_ill_above`. Values
            beyond 1 stand at 1 and say theirs.
        look: Colours and words.
        names: What each measure is called.
    """
    if all(frame.empty for frame in checks.values()):
        return empty_figure("Nothing was measured.", look)
    figure = go.Figure()
    *_, last = checks.values()
    for fault, bound, above in zip(last.index, last["bound"], last["is_ill_above"], strict=True):
        start, end = (bound, 1.0) if above else (0.0, bound)
        figure.add_trace(
            go.Bar(
                y=[names[fault]],
                x=[end - start],
                base=[start],
                orientation="h",
                marker={"color": look.poles[0], "opacity": 0.35, "line": {"width": 0}},
                hoverinfo="skip",
                showlegend=False,
                width=0.6,
            )
        )
    for place, (run, frame) in enumerate(checks.items()):
        is_last = place == len(checks) - 1
        figure.add_trace(
            go.Scatter(
                y=[names[fault] for fault in frame.index],
                x=frame["value"].clip(upper=1.0),
                customdata=frame["value"],
                mode="markers+text" if is_last else "markers",
                text=[f"{value:.3f}" for value in frame["value"]],
                textposition="top center",
                textfont={"color": look.quiet, "size": 11},
                marker={
                    "size": 10,
                    "symbol": "circle" if is_last else "circle-open",
                    "color": look.poles[2] if is_last else look.quiet,
                    "line": {"width": 2},
                },
                hovertemplate="%{y}: %{customdata:.4f}<extra></extra>",
                name=run,
                cliponaxis=False,
            )
        )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(range=[-0.02, 1.04], tickformat=".1f")
    dressed(figure, look, height=90 + 48 * len(last))
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    return figure.update_layout(barmode="overlay", showlegend=len(checks) > 1, legend=legend)
