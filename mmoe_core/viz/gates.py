"""Pictures of gates. Every gate weight is drawn on one fixed scale, 0 to 1, so that two pictures compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import cross_out, everyone, expert_names, heard_only, not_heard, reader_name, rule_between
from .heat import heat, panel_title
from .look import Look, dressed, empty_figure

__all__ = ["gate_heatmap", "segment_heatmap"]

_MOST_PRINTED_BESIDE_NAMES = 8  # more experts and a number no longer fits beside them
_NO_WIDTH = "\u200b"  # tells equal names of an axis apart without showing
_NO_GATES = "No gates recorded yet."


def gate_heatmap(
    usage: pd.DataFrame,
    look: Look,
    *,
    audience: Audience | None = None,
    untrained: pd.DataFrame | None = None,
    most: float = 1.0,
) -> go.Figure:
    """Gate weight: readers down, experts across; the untrained gate as a pale row beneath each reader.

    Args:
        usage: One row per reader, one column per expert; rows of means sum to 1.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
        untrained: The same before training.
        most: Upper end of the scale.
    """
    if usage.empty:
        return empty_figure(_NO_GATES, look)
    audience = audience or everyone([*usage.index], [*usage.columns])
    experts = expert_names(audience, look)
    names, rows, cells, said = [], [], [], []
    for reader in audience.readers:
        names.append(reader_name(audience, look, reader))
        rows.append(heard_only(audience, reader, usage.loc[reader].to_numpy()))
        if untrained is not None:
            names.append(f"{look.say('untrained')}{_NO_WIDTH * len(names)}")
            rows.append(heard_only(audience, reader, untrained.loc[reader].to_numpy()))
        for place, sentence in not_heard(audience, look, reader):
            cells += [(experts[place], name) for name in names[-1 if untrained is None else -2 :]]
            said += [sentence] * (1 if untrained is None else 2)
    figure = go.Figure(heat(np.stack(rows), experts, names, look, most=most))
    cross_out(figure, cells, said, look)
    rule_between(figure, audience, look, "x")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return dressed(figure, look, height=70 + 44 * len(names))


def segment_heatmap(
    usage: pd.DataFrame, look: Look, *, tasks: Sequence[str], audience: Audience | None = None
) -> go.Figure:
    """Mean gate weight by segment, a panel per reader above the next: segments down with their rows, experts across.

    Args:
        usage: Index (segment, reader), one column per expert and `rows`; the experts' columns sum to 1.
        look: Colours and words.
        tasks: Readers in order.
        audience: Whose experts they are and who can hear them; default: everyone.
    """
    if usage.empty:
        return empty_figure(_NO_GATES, look)
    audience = audience or everyone(tasks, [str(name) for name in usage.columns if name != "rows"])
    experts = expert_names(audience, look)
    readers = [task for task in tasks if task in usage.index.get_level_values(1)]
    figure = make_subplots(rows=len(readers), cols=1, shared_xaxes=True, vertical_spacing=0.3 / len(readers))
    deepest = 0
    for row, reader in enumerate(readers, start=1):
        part = usage.xs(reader, level=1)
        weights_SE = heard_only(audience, reader, part.drop(columns="rows").to_numpy())
        names = [f"{look.say(str(name))} · {rows:,}" for name, rows in part["rows"].items()]
        deepest = max(deepest, len(part))
        cells = heat(weights_SE, experts, names, look, printed=False)
        figure.add_trace(cells.update(xgap=2, **_short_numbers(weights_SE)), row, 1)
        unheard = [(experts[place], name, why) for place, why in not_heard(audience, look, reader) for name in names]
        cross_out(figure, [cell[:2] for cell in unheard], [cell[2] for cell in unheard], look, row=row, column=1)
        rule_between(figure, audience, look, "x", row)
        panel_title(figure, reader_name(audience, look, reader), row)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(showgrid=False)
    return dressed(figure, look, height=60 + (60 + 32 * deepest) * len(readers))


def _short_numbers(weights_SE: np.ndarray) -> dict[str, Any]:
    """Numbers without the zero before their point, in a size that is read beside long names on a phone; or none."""
    if weights_SE.shape[1] > _MOST_PRINTED_BESIDE_NAMES:
        return {}
    text = [["" if np.isnan(weight) else f"{weight:.2f}".removeprefix("0") for weight in row] for row in weights_SE]
    return {"text": text, "texttemplate": "%{text}", "textfont": {"size": 11}}
