"""Pictures of a dataset: how many rows become clicks and purchases, and what its fields hold.

A logarithmic scale has no zero, and a bar's length would mean nothing on it: counts are dots, on an axis from 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from .look import Look, dressed

__all__ = ["cardinality_dots", "label_funnel"]


def label_funnel(positives: Mapping[str, int], num_rows: int, look: Look) -> go.Figure:
    """Rows, then the positives of each task, as dots on a log scale; count and rates stand above each dot.

    A click's rate is the CTR, a purchase's the CTCVR, and a purchase's share of the clicks the CVR.

    Args:
        positives: Task → rows with label 1, widest first.
        num_rows: All rows.
        look: Colours and words.
    """
    tasks = list(positives)
    rows = look.say("rows")
    names = [f"<b>{rows}</b>", *(look.named(tasks, task) for task in tasks)]
    counts = [num_rows, *positives.values()]
    said = [f"{num_rows:,}", *(_rates(task, positives, num_rows) for task in tasks)]
    colors = [look.quiet, *(look.task(tasks, task) for task in tasks)]
    figure = _dots(counts, [rows, *tasks], colors)
    for place, (name, text) in enumerate(zip(names, said, strict=True)):
        figure.add_annotation(
            text=f"{name}  {text}", x=0, xref="x domain", xanchor="left", y=place, yshift=18, showarrow=False
        )
    figure.update_xaxes(title_text=look.say("rows, log scale from 1"))
    figure.update_yaxes(range=[len(counts) - 0.5, -0.8], showticklabels=False, gridcolor=look.line)
    return dressed(figure, look, height=60 + 56 * len(counts))


def _rates(task: str, positives: Mapping[str, int], num_rows: int) -> str:
    """A task's positives and what share they are, by the field's terms where it has some."""
    count = positives[task]
    terms = {"click": "CTR ", "purchase": "CTCVR "} if {"click", "purchase"} <= set(positives) else {}
    said = f"{count:,} · {terms.get(task, '')}{count / max(1, num_rows):.3%}"
    if terms and task == "purchase" and count <= positives["click"] > 0:
        said += f" · CVR {count / positives['click']:.3%}"
    return said


def cardinality_dots(cardinalities: Mapping[str, int], look: Look) -> go.Figure:
    """Distinct ids per field as dots on a log scale, largest first.

    Args:
        cardinalities: Field → distinct ids.
        look: Colours and words.
    """
    ordered = dict(sorted(cardinalities.items(), key=lambda item: item[1]))
    counts = list(ordered.values())
    figure = _dots(counts, list(ordered), look.quiet)
    texts = [f"{count:,}" for count in counts]
    figure.update_traces(mode="markers+text", text=texts, textposition="middle right", cliponaxis=False)
    figure.update_xaxes(range=[0, _decades(counts) * 1.2], title_text=look.say("distinct ids, log scale from 1"))
    figure.update_yaxes(type="category", gridcolor=look.line)
    return dressed(figure, look, height=60 + 22 * len(ordered))


def _dots(counts: Sequence[int], names: Sequence[str], color: str | Sequence[str]) -> go.Figure:
    """One dot per count, names down; where nothing was counted there is no dot."""
    places = [count if count > 0 else None for count in counts]
    marker = {"color": color, "size": 11}
    figure = go.Figure(go.Scatter(x=places, y=list(names), mode="markers", marker=marker, hoverinfo="skip"))
    figure.update_xaxes(type="log", dtick=1, range=[-0.05, _decades(counts) * 1.05])
    figure.update_yaxes(type="category")
    return figure


def _decades(counts: Sequence[int]) -> float:
    return math.log10(max(10, *counts)) if counts else 1.0
