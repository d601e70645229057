"""Pictures of experts: how alike they are, which of their units are dead, what each task loses without one."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import expert_names, rule_between
from .heat import heat, panel_title
from .look import Look, dressed, empty_figure, text_width

__all__ = ["dead_units_heatmap", "knock_out_dots", "similarity_curves", "similarity_heatmap"]

_ROW = 26  # px
_LANE = 0.36  # of a row's height between two tasks' dots


def similarity_heatmap(similarity: pd.DataFrame, look: Look, *, audience: Audience) -> go.Figure:
    """Linear CKA of every pair of experts, on a fixed scale from 0 to 1; the diagonal is left out.

    Args:
        similarity: Experts both ways; NaN is left empty.
        look: Colours and words.
        audience: Whose experts they are.
    """
    if len(similarity) < 2:
        return empty_figure("One expert has nobody to be compared with.", look)
    names = expert_names(audience, look)
    cells = np.where(np.eye(len(names), dtype=bool), np.nan, similarity.to_numpy())
    figure = go.Figure(heat(cells, names, names, look))
    for axis in ("x", "y"):
        rule_between(figure, audience, look, axis)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return dressed(figure, look, height=80 + 40 * len(names))


def similarity_curves(similarity: pd.DataFrame, look: Look) -> go.Figure:
    """Linear CKA of every pair over epochs, thin; their mean thick, the pair most alike at the end in a colour.

    Args:
        similarity: A row per epoch, a column (expert, other expert) per pair.
        look: Colours and words.
    """
    if similarity.empty:
        return empty_figure("One expert has nobody to be compared with.", look)
    last = similarity.iloc[-1]
    pairs = cast(list[tuple[str, str]], similarity.columns.to_list())
    most = pairs[int(np.nanargmax(last))] if last.notna().any() else None
    lines = [(_pair(pair, look), similarity[pair], look.quiet, 1.0) for pair in pairs if pair != most]
    labelled = [(look.say("mean over pairs"), similarity.mean(axis=1), look.ink, 3.0)]
    if most is not None:
        labelled.append((_pair(most, look), similarity[most], look.poles[0], 2.0))
    figure = go.Figure()
    for name, values, color, width in (*lines, *labelled):
        line = {"color": color, "width": width}
        hover = f"{name}: %{{y:.3f}}<extra></extra>"
        opacity = 0.45 if width == 1 else 1
        figure.add_trace(
            go.Scatter(x=values.index, y=values, mode="lines", line=line, opacity=opacity, hovertemplate=hover)
        )
    labels = [(f" {name} {values.iloc[-1]:.2f}", values.iloc[-1], color) for name, values, color, _ in labelled]
    for (text, height, color), anchor in zip(labels, ("top", "bottom"), strict=False):
        figure.add_annotation(
            x=similarity.index[-1],
            y=height,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor=anchor,
            font={"color": color},
        )
    figure.update_yaxes(range=[-0.02, 1.02], title_text=look.say("similarity (CKA)"))
    figure.update_xaxes(title_text=look.say("epoch"), range=[0, max(1, similarity.index[-1])])
    return dressed(figure, look, height=320).update_layout(margin_r=16 + max(text_width(text) for text, *_ in labels))


def dead_units_heatmap(dead: pd.DataFrame, look: Look, *, audience: Audience) -> go.Figure:
    """Share of dead units: experts down, epochs across, on a fixed scale from 0 to 1.

    Args:
        dead: A row per expert, a column per epoch.
        look: Colours and words.
        audience: Whose experts they are.
    """
    names = expert_names(audience, look)
    figure = go.Figure(heat(dead.to_numpy(), [str(epoch) for epoch in dead.columns], names, look))
    rule_between(figure, audience, look, "y")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text=look.say("epoch"), showgrid=False, type="category")
    return dressed(figure, look, height=90 + 32 * len(names))


def knock_out_dots(costs: pd.DataFrame, look: Look, *, audience: Audience) -> go.Figure:
    """What each task loses without each expert: a panel per measure, a dot with its interval per expert and task.

    A full dot in the task's colour is told from no cost; an open grey one is not. Tasks stand in order.

    Args:
        costs: From `analysis.knock_out_costs`.
        look: Colours and words.
        audience: Tasks and experts in order.
    """
    measures = list(dict.fromkeys(costs["measure"]))
    if not measures:
        return empty_figure("No expert was knocked out yet.", look)
    experts = [expert for expert in audience.experts if expert in set(costs["expert"])]
    names = dict(zip(audience.experts, expert_names(audience, look), strict=True))
    who = " ".join(look.named(audience.tasks, task) for task in audience.tasks)
    figure = make_subplots(rows=len(measures), cols=1, vertical_spacing=0.26 / len(measures))
    for row, measure in enumerate(measures, start=1):
        for number, task in enumerate(audience.tasks):
            found = costs[(costs["measure"] == measure) & (costs["task"] == task)]
            off = ((number + 1) / (len(audience.tasks) + 1) - 0.5) * 2 * _LANE
            for one in found.itertuples():
                figure.add_trace(
                    _dot(one, experts.index(str(one.expert)) + off, look.task(audience.tasks, task), look), row, 1
                )
        panel_title(figure, f"{_titles(look)[measure]} · {who}", row)
        figure.add_vline(x=0, line={"color": look.quiet, "width": 1}, row=row, col=1)
    ticks = {"tickvals": list(range(len(experts))), "ticktext": [names[expert] for expert in experts]}
    figure.update_yaxes(**ticks, range=[len(experts) - 0.5, -0.5], showgrid=False)
    figure.update_xaxes(nticks=6)
    lane = max(_ROW, 13 * len(audience.tasks))
    return dressed(figure, look, height=50 + (60 + lane * len(experts)) * len(measures))


def _titles(look: Look) -> dict[str, str]:
    return {
        "loss": look.say("loss rises by"),
        "AUC": look.say("AUC falls by"),
        "RMSE": look.say("RMSE rises by"),
    }


def _dot(one: object, height: float, color: str, look: Look) -> go.Scatter:
    """A dot, and its interval as its error bar."""
    expert, task, cost, low, high, is_told = (
        getattr(one, name) for name in ("expert", "task", "cost", "low", "high", "is_distinguishable")
    )
    shade = color if is_told else look.quiet
    text = f"{look.say(expert)} · {look.say(task)}: {cost:+.4f} ({low:+.4f} … {high:+.4f})".replace("-", "−")
    said = text if is_told else f"{text} · {look.say('not distinguishable')}"
    error = {"symmetric": False, "array": [high - cost], "arrayminus": [cost - low], "color": shade, "width": 0}
    marker = {"color": shade, "size": 8, "symbol": "circle" if is_told else "circle-open"}
    hover = f"{said}<extra></extra>"
    return go.Scatter(x=[cost], y=[height], error_x=error, mode="markers", marker=marker, hovertemplate=hover)


def _pair(pair: tuple[str, str], look: Look) -> str:
    return " – ".join(look.say(expert) for expert in pair)
