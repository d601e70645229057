"""How much gates know of what nobody told them: a pair of dots per seed, untrained and trained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["information_dots"]

_LANES = 5  # pairs of one task stand on so many lines, so that equal ones are seen apart
_LANE = 0.13
_ROW = 110  # px


def information_dots(bits: pd.DataFrame, look: Look, *, tasks: Sequence[str], most: float) -> go.Figure:
    """A row per task: each seed's bits before training (hollow) and after (full), joined; the mean a bar.

    Args:
        bits: One row per seed and task; columns seed, task, trained, untrained.
        look: Colours and words.
        tasks: In order.
        most: All that there is to know, in bits; a dotted line.
    """
    if bits.empty:
        return empty_figure("No training of this study was kept.", look)
    figure = go.Figure()
    for place, task in enumerate(tasks):
        of_task, color = bits[bits["task"] == task], look.task(tasks, task)
        lanes = [place + (number % _LANES - _LANES // 2) * _LANE for number in range(len(of_task))]
        joined_x = [x for pair in zip(of_task["untrained"], of_task["trained"], strict=True) for x in (*pair, None)]
        joined_y = [y for lane in lanes for y in (lane, lane, None)]
        line = {"color": look.line, "width": 1}
        figure.add_trace(go.Scatter(x=joined_x, y=joined_y, mode="lines", line=line, hoverinfo="skip"))
        both = ("untrained", look.say("untrained"), look.ground), ("trained", look.say("trained"), color)
        for when, said, fill in both:
            mean = float(of_task[when].mean())
            figure.add_trace(
                go.Scatter(
                    x=list(of_task[when]),
                    y=lanes,
                    mode="markers",
                    marker={"color": fill, "size": 8, "line": {"color": color, "width": 1.5}},
                    text=[f"{look.say('seed')} {seed} · {said}" for seed in of_task["seed"]],
                    hovertemplate="%{text}: %{x:.3f}<extra></extra>",
                )
            )
            bar = {"symbol": "line-ns", "size": 54, "line": {"color": color, "width": 3}}
            hover = f"{said}: {mean:.3f}<extra></extra>"
            figure.add_trace(go.Scatter(x=[mean], y=[place], mode="markers", marker=bar, hovertemplate=hover))
        means = (f"{said} {of_task[when].mean():.2f}" for when, said, _ in both)
        figure.add_annotation(
            text=" → ".join(means),
            x=0,
            y=place - 0.34,
            **{"xanchor": "left", "yanchor": "bottom", "showarrow": False, "font_color": color},
        )
    figure.add_vline(x=most, line={"color": look.quiet, "width": 1.5, "dash": "dot"})
    names = [look.named(tasks, task) for task in tasks]
    figure.update_yaxes(
        tickvals=list(range(len(tasks))), ticktext=names, range=[len(tasks) - 0.6, -0.65], showgrid=False
    )
    title = look.say("bits of the mechanism in a row's top expert"), look.say("dotted: all that there is to know")
    figure.update_xaxes(range=[-0.04, most * 1.04], title_text="<br>".join(title))
    return dressed(figure, look, height=90 + _ROW * len(tasks))
