"""The seesaw: one task's test AUC against another's, a dot per training; and the shares that pull at both.

Tang et al., "Progressive Layered Extraction (PLE)", RecSys 2020, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from ..analysis import pareto_front, seed_ellipse
from .look import Look, dressed, empty_figure

__all__ = ["seesaw_plane", "share_curves"]

_FILL = 0.12  # opacity of an ellipse


def seesaw_plane(runs: pd.DataFrame, tasks: tuple[str, str], alone: Mapping[str, float], look: Look) -> go.Figure:
    """A small dot per run, a large one per weight with its seeds' ellipse; the Pareto front of the means is joined.

    Args:
        runs: A row per run: weight, the AUC of each of the two tasks in a column of its name, and told, what a run says
            when somebody points at it.
        tasks: Across and upwards.
        alone: Task → mean AUC of its single-task networks, dotted; a task that has none is left out.
        look: Colours and words.
    """
    across, upwards = tasks
    known = runs.dropna(subset=[across, upwards])
    if known.empty:
        return empty_figure("No run of this sweep has been tested yet.", look)
    color = look.heat[1]
    figure = go.Figure()
    for _, seeds in known.groupby("weight"):
        ellipse = seed_ellipse(seeds[[across, upwards]])
        if ellipse is not None:
            edge = ellipse.outline()
            figure.add_trace(
                go.Scatter(
                    x=edge[:, 0], y=edge[:, 1], mode="lines", fill="toself", name="ellipse",
                    line={"color": color, "width": 1}, fillcolor=color, opacity=_FILL, hoverinfo="skip",
                )
            )  # fmt: skip
    means = known.groupby("weight")[[across, upwards]].mean()
    front = means[pareto_front(means)].sort_values(across)
    figure.add_trace(
        go.Scatter(
            x=front[across], y=front[upwards], mode="lines", name="front",
            line={"color": color, "width": 1.5}, hoverinfo="skip",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=known[across], y=known[upwards], mode="markers", name="runs", text=known["told"],
            marker={"color": color, "size": 7, "opacity": 0.5}, hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=means[across], y=means[upwards], mode="markers+text", name="means",
            text=[f"{weight:g}" for weight in means.index], textposition="top center", cliponaxis=False,
            marker={"color": color, "size": 12, "line": {"color": look.ground, "width": 1.5}}, hoverinfo="skip",
        )
    )  # fmt: skip
    for task, add_line in ((across, figure.add_vline), (upwards, figure.add_hline)):
        if task in alone:
            add_line(alone[task], line={"color": look.task(tasks, task), "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title_text=f"AUC · {look.named(tasks, across)}", nticks=6)
    figure.update_yaxes(title_text=f"AUC · {look.named(tasks, upwards)}", nticks=6)
    return dressed(figure, look, height=440)


def share_curves(shares: pd.DataFrame, look: Look) -> go.Figure:
    """Per task its share of the loss, solid, and of the gradient at the shared layers, dashed; both from 0 to 1.

    Args:
        shares: Columns (part, task) as from `analysis.shares_over_time`; indexed by step, or by weight, which is drawn
            on a logarithmic axis.
        look: Colours and words.
    """
    if shares.empty:
        return empty_figure("No steps recorded yet.", look)
    tasks = [*shares["loss"].columns]
    figure = go.Figure()
    for part, name, dash in (
        ("loss", look.say("loss share"), "solid"),
        ("gradient", look.say("gradient share"), "dash"),
    ):
        for task in tasks:
            said = f"{look.say(task)} · {name}"
            figure.add_trace(
                go.Scatter(
                    x=shares.index, y=shares[part][task], name=said, mode="lines+markers", connectgaps=True,
                    line={"color": look.task(tasks, task), "width": 2, "dash": dash}, marker={"size": 4},
                )
            )  # fmt: skip
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    is_over_weights = shares.index.name == "weight"
    figure.update_xaxes(title_text=look.say(str(shares.index.name)), type="log" if is_over_weights else "linear")
    dressed(figure, look, height=280)
    return figure.update_layout(showlegend=True, legend={"orientation": "h", "yanchor": "bottom", "y": 1.02})
