"""Pictures of labels: which go together, and what they say of something that only a simulator knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from .look import Look, dressed, empty_figure

__all__ = ["label_correlations", "latent_correlations"]

_MOST_NAMED_ABOVE = 3  # more columns and their names stand on end


def label_correlations(
    correlations: Mapping[tuple[str, str], float | None], tasks: Sequence[str], look: Look
) -> go.Figure:
    """Pearson's correlation of each pair of labels, on a fixed scale from -1 to 1; written in the cells.

    A pair that has no correlation is left without colour and said to be undefined; so is the diagonal, in silence.

    Args:
        correlations: (task, other task) → correlation, each pair once, in either order.
        tasks: All tasks, in order.
        look: Colours and words.
    """
    if len(tasks) < 2:
        return empty_figure("One task has nothing to go together with.", look)
    both_ways = {**correlations, **{(other, task): found for (task, other), found in correlations.items()}}
    undefined = look.say("undefined") if len(tasks) <= _MOST_NAMED_ABOVE else "?"
    down, across = tasks[1:], tasks[:-1]
    values: list[list[float | None]] = []
    texts: list[list[str]] = []
    for row, task in enumerate(down, start=1):
        pairs = [(task, other) if column < row else None for column, other in enumerate(across)]
        values.append([None if pair is None else both_ways.get(pair) for pair in pairs])
        texts.append(["" if pair is None else _said(both_ways.get(pair), undefined) for pair in pairs])
    heat = go.Heatmap(
        z=values,
        x=[look.named(tasks, task) for task in across],
        y=[look.named(tasks, task) for task in down],
        text=texts,
        texttemplate="%{text}",
        textfont={"size": 13 if len(across) <= _MOST_NAMED_ABOVE else 11},
        zmin=-1,
        zmax=1,
        colorscale=list(zip((0, 0.5, 1), look.poles, strict=True)),
        showscale=False,
        hoverinfo="skip",
        xgap=2,
        ygap=2,
        hoverongaps=False,
    )
    figure = go.Figure(heat)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            if text and values[row][column] is None:  # a cell without a number shows no text of its own
                figure.add_annotation(x=column, y=row, text=text, showarrow=False, font={"color": look.quiet})
    angle = 0 if len(across) <= _MOST_NAMED_ABOVE else -60
    figure.update_xaxes(side="top", showgrid=False, tickangle=angle)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return dressed(figure, look, height=(80 if angle == 0 else 130) + 40 * len(down))


def latent_correlations(correlations: Mapping[str, float | None], tasks: Sequence[str], look: Look) -> go.Figure:
    """How much each task's label says of what is hidden: a dot per task from 0, on a fixed scale from -1 to 1.

    Args:
        correlations: Task → correlation of its label with the latent, None where undefined.
        tasks: All tasks, in order.
        look: Colours and words.
    """
    figure = go.Figure()
    for task in tasks:
        found, color = correlations.get(task), look.task(tasks, task)
        figure.add_trace(
            go.Scatter(
                x=[0, found],
                y=[look.named(tasks, task)] * 2,
                mode="lines+markers+text",
                line={"color": color, "width": 2},
                marker={"color": color, "size": [0, 11]},
                text=["", _said(found, look.say("undefined"))],
                textposition="middle left" if (found or 0) < 0 else "middle right",
                cliponaxis=False,
                hoverinfo="skip",
            )
        )
    figure.update_xaxes(range=[-1, 1], dtick=0.5, title_text=look.say("correlation with the label"))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.add_vline(x=0, line={"color": look.quiet, "width": 1})
    return dressed(figure, look, height=80 + 28 * len(tasks))


def _said(correlation: float | None, undefined: str) -> str:
    return undefined if correlation is None else f"{correlation:+.2f}".replace("-", "−")
