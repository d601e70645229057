"""Pictures of a dataset: how many rows become clicks and purchases, and what its fields hold."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from .look import Look, dressed

__all__ = ["cardinality_bars", "label_funnel"]


def label_funnel(positives: Mapping[str, int], num_rows: int, look: Look) -> go.Figure:
    """Rows, then the positives of each task, on a log scale; the share of all rows is printed.

    Args:
        positives: Task → rows with label 1, widest first.
        num_rows: All rows.
        look: Colours and words.
    """
    tasks = list(positives)
    counts = [num_rows, *positives.values()]
    figure = go.Figure(
        go.Bar(
            x=[max(1, count) for count in counts],
            y=[look.say("rows"), *(look.named(tasks, task) for task in tasks)],
            orientation="h",
            marker={"color": [look.quiet, *(look.task(tasks, task) for task in tasks)]},
            text=[f"{count:,} · {count / max(1, num_rows):.3%}" for count in counts],
            textposition="auto",
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(type="log", dtick=1, title_text=look.say("rows, log scale"))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return dressed(figure, look, height=70 + 44 * len(counts))


def cardinality_bars(cardinalities: Mapping[str, int], look: Look) -> go.Figure:
    """Distinct ids per field on a log scale, largest first.

    Args:
        cardinalities: Field → distinct ids.
        look: Colours and words.
    """
    ordered = dict(sorted(cardinalities.items(), key=lambda item: item[1]))
    figure = go.Figure(
        go.Bar(
            x=list(ordered.values()),
            y=list(ordered),
            orientation="h",
            marker={"color": look.quiet},
            text=[f"{count:,}" for count in ordered.values()],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(type="log", dtick=1, title_text=look.say("distinct ids, log scale"))
    figure.update_yaxes(type="category", showgrid=False)
    return dressed(figure, look, height=60 + 22 * len(ordered))
