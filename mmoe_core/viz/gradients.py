"""Pictures of how tasks pull: the angle between their gradients over training, how often they conflict, how long they
are, and what of each arrives at each expert.
"""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import cross_out, expert_names, not_heard, reader_name, rule_between
from .heat import heat, panel_title
from .look import Look, dressed, empty_figure, text_width

__all__ = ["conflict_dots", "cosine_curves", "gradient_heatmap", "norm_curves"]

_PANEL, _ROW = 118, 24  # px
_MOST_PRINTED = 8  # experts; more and a norm no longer fits into its cell


def cosine_curves(cosines: pd.DataFrame, means: pd.DataFrame, look: Look, *, abreast: int = 1) -> go.Figure:
    """The cosine between two tasks' gradients over training, a panel per group; below the line of 0 they conflict.

    Args:
        cosines: From `analysis.cosines_over_time`; each watched step is a pale dot.
        means: The same smoothed, the line.
        look: Colours and words.
        abreast: Panels beside each other.
    """
    if cosines.empty:
        return empty_figure("How the tasks pull was not watched in this run.", look)
    groups = [*cosines.columns]
    rows = -(-len(groups) // abreast)
    figure = make_subplots(
        rows=rows,
        cols=abreast,
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        vertical_spacing=min(0.9 / max(1, rows - 1), 30 / (_PANEL * rows)),
    )
    lines = []
    for place, group in enumerate(groups):
        row, column = place // abreast + 1, place % abreast + 1
        drawn = {"x": cosines.index, "hovertemplate": "%{x:,}: %{y:.2f}<extra></extra>"}
        dots = {"color": look.quiet, "size": 3, "opacity": 0.45}
        figure.add_trace(go.Scatter(y=cosines[group], mode="markers", marker=dots, **drawn), row, column)
        line = {"color": look.heat[1], "width": 2}
        figure.add_trace(go.Scatter(y=means[group], mode="lines", line=line, **drawn), row, column)
        axis = place + 1 if place else ""
        zero = {"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": {"color": look.ink, "width": 1}}
        lines.append({**zero, "xref": f"x{axis} domain", "yref": f"y{axis}"})
        panel_title(figure, _said(group, look), place + 1)
    for place in range(len(groups), rows * abreast):
        figure.update_xaxes(visible=False, row=rows, col=place % abreast + 1)
        figure.update_yaxes(visible=False, row=rows, col=place % abreast + 1)
    figure.update_yaxes(range=[-1.05, 1.05], tickvals=[-1, 0, 1])
    figure.update_xaxes(range=[0, max(1, cosines.index[-1])], nticks=4)
    figure.update_xaxes(title_text=look.say("step"), row=rows)
    return dressed(figure, look, height=76 + _PANEL * rows).update_layout(shapes=lines)


def conflict_dots(found: pd.DataFrame, look: Look) -> go.Figure:
    """Share of watched steps in conflict, a row per group with its interval; none is at the left end, all at the right.

    Args:
        found: From `analysis.conflicts`.
        look: Colours and words.
    """
    if found.empty or not found["watched"].any():
        return empty_figure("How the tasks pull was not watched in this run.", look)
    names = [_said(group, look) for group in found.index]
    told = [
        f"{name}: {apart:,} / {watched:,} = {share:.0%} ({low:.0%} – {high:.0%})" if watched else name
        for name, watched, apart, share, low, high in zip(
            names, *(found[column] for column in ("watched", "apart", "share", "low", "high")), strict=True
        )
    ]
    rows = list(range(len(names)))
    ends = [end for low, high in zip(found["low"], found["high"], strict=True) for end in (low, high, None)]
    figure = go.Figure(
        [
            go.Scatter(
                x=ends,
                y=[row for row in rows for _ in range(3)],
                mode="lines",
                line={"color": look.heat[1], "width": 1.5},
                opacity=0.55,
                hoverinfo="skip",
            ),
            go.Scatter(
                x=found["share"],
                y=rows,
                mode="markers",
                marker={"color": look.heat[1], "size": 9},
                text=told,
                hovertemplate="%{text}<extra></extra>",
            ),
        ]
    )
    figure.update_xaxes(range=[-0.03, 1.03], tickformat=".0%", nticks=5)
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5], showgrid=False)
    return dressed(figure, look, height=64 + _ROW * len(rows))


def norm_curves(norms: pd.DataFrame, look: Look) -> go.Figure:
    """How long each task's gradient is over training, on a logarithmic scale; a gradient of 0 has no point.

    Args:
        norms: From `analysis.norms_over_time`.
        look: Colours and words.
    """
    if norms.empty:
        return empty_figure("How the tasks pull was not watched in this run.", look)
    tasks = [*norms.columns]
    figure = go.Figure()
    for task in tasks:
        of_task = norms[task].where(norms[task] > 0)
        line = {"color": look.task(tasks, task), "width": 1.8}
        figure.add_trace(
            go.Scatter(
                x=norms.index,
                y=of_task,
                mode="lines",
                line=line,
                hovertemplate=f"{escape(look.say(task))} · %{{x:,}}: %{{y:.3g}}<extra></extra>",
            )
        )
        last = of_task.dropna()
        if len(last):
            figure.add_annotation(
                x=last.index[-1],
                y=np.log10(last.iloc[-1]),
                text=f" {escape(look.say(task))}",
                showarrow=False,
                xanchor="left",
                font={"color": line["color"]},
            )
    figure.update_yaxes(type="log", title_text="‖∂L/∂θ‖", nticks=6, exponentformat="power")
    figure.update_xaxes(title_text=look.say("step"), range=[0, max(1, norms.index[-1])])
    room = 20 + max(text_width(look.say(task)) for task in tasks)
    return dressed(figure, look, height=260).update_layout(margin_r=room)


def gradient_heatmap(norms: pd.DataFrame, look: Look, *, audience: Audience) -> go.Figure:
    """What of each task's loss arrives at each expert; the colour is the expert's share of its row's sum.

    Numbers are in units of a power of ten, which stands beneath.

    Args:
        norms: ‖∂L_k/∂E_i‖, one row per task, one column per expert.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; what cannot be heard and is 0 is crossed out.
    """
    experts = expert_names(audience, look)
    names = [reader_name(audience, look, task) for task in audience.readers]
    values_TE = norms.to_numpy(dtype=float)
    sums_T1 = values_TE.sum(axis=1, keepdims=True)
    shares_TE = np.divide(values_TE, sums_T1, out=np.zeros_like(values_TE), where=sums_T1 > 0)
    cells, said = [], []
    for row, task in enumerate(audience.readers):
        for place, sentence in not_heard(audience, look, task):
            if values_TE[row, place] == 0:
                shares_TE[row, place] = np.nan
                cells.append((experts[place], names[row]))
                said.append(sentence)
    power = int(np.floor(np.log10(values_TE.max()))) if values_TE.max() > 0 else 0
    drawn = heat(shares_TE, experts, names, look)
    drawn.update(
        text=[
            ["" if np.isnan(share) else f"{value / 10.0**power:.2f}" for value, share in zip(*row, strict=True)]
            for row in zip(values_TE, shares_TE, strict=True)
        ],
        texttemplate="%{text}" if len(experts) <= _MOST_PRINTED else None,
        customdata=values_TE,
        hovertemplate="%{y}, %{x}: %{customdata:.3e} · %{z:.1%}<extra></extra>",
    )
    figure = go.Figure(drawn)
    cross_out(figure, cells, said, look)
    rule_between(figure, audience, look, "x")
    unit = {"xref": "paper", "yref": "paper", "x": 1, "y": 0, "xanchor": "right", "yanchor": "top"}
    figure.add_annotation(text=f"× 10<sup>{power}</sup>", showarrow=False, font_color=look.quiet, **unit)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return dressed(figure, look, height=90 + 44 * len(names)).update_layout(margin_b=28)


def _said(group: tuple[str, str], look: Look) -> str:
    match group:
        case ("embeddings", _):
            return look.say("embeddings")
        case ("shared", _):
            return look.say("all that is shared")
        case _:
            return escape(look.say(group[1]))
