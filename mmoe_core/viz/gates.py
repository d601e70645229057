"""Pictures of gates. Every gate weight is drawn on one fixed scale, 0 to 1, so that two pictures compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .hearing import cross_out, everyone, expert_names, heard_only, not_heard, reader_name, rule_between
from .look import Look, dressed, empty_figure

__all__ = ["gate_film", "gate_heatmap", "segment_heatmap"]

_MOST_PRINTED = 16  # more experts than this and a number no longer fits into its cell
_MOST_PRINTED_BESIDE_NAMES = 8  # the same where long names leave less room
_MOST_ABREAST = 4  # panels of a film beside each other
_NO_WIDTH = "\u200b"  # tells equal names of an axis apart without showing
_NO_GATES = "No gates recorded yet."


def gate_heatmap(
    usage: pd.DataFrame, look: Look, *, audience: Audience | None = None, untrained: pd.DataFrame | None = None
) -> go.Figure:
    """Mean gate weight: readers down, experts across; the untrained gate as a pale row beneath each reader.

    Args:
        usage: One row per reader, one column per expert; rows sum to 1.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
        untrained: The same before training.
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
    figure = go.Figure(_heat(np.stack(rows), experts, names, look))
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
        heat = _heat(weights_SE, experts, names, look, printed=False)
        figure.add_trace(heat.update(xgap=2, **_short_numbers(weights_SE)), row, 1)
        unheard = [(experts[place], name, why) for place, why in not_heard(audience, look, reader) for name in names]
        cross_out(figure, [cell[:2] for cell in unheard], [cell[2] for cell in unheard], look, row=row, column=1)
        rule_between(figure, audience, look, "x", row)
        _panel_title(figure, reader_name(audience, look, reader), row)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_xaxes(showgrid=False)
    return dressed(figure, look, height=60 + (60 + 32 * deepest) * len(readers))


def gate_film(
    film: Mapping[str, pd.DataFrame], look: Look, *, audience: Audience | None = None, step: int | None = None
) -> go.Figure:
    """Mean gate weight over training, one panel per reader: experts down, steps across.

    Args:
        film: Reader → frame with one row per snapshot step and one column per expert.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
        step: Marked by a line, if given.
    """
    if not film or next(iter(film.values())).empty:
        return empty_figure(_NO_GATES, look)
    first = next(iter(film.values()))
    audience = audience or everyone(list(film), [*first.columns])
    experts = expert_names(audience, look)
    panels = -(-len(film) // _MOST_ABREAST)
    abreast = -(-len(film) // panels)
    figure = make_subplots(
        rows=panels,
        cols=abreast,
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        vertical_spacing=0.12 / panels,
    )
    middle = first.index[0] + (first.index[-1] - first.index[0]) / 2
    for place, (reader, frame) in enumerate(film.items()):
        row, column = place // abreast + 1, place % abreast + 1
        weights_NE = heard_only(audience, reader, frame.to_numpy())
        heat = _heat(weights_NE.T, frame.index.to_numpy(), experts, look, printed=False)
        figure.add_trace(heat, row, column)
        unheard = not_heard(audience, look, reader)
        cells = [(middle, experts[expert]) for expert, _ in unheard]
        cross_out(figure, cells, [why for _, why in unheard], look, row=row, column=column)
        rule_between(figure, audience, look, "y", place + 1)
        _panel_title(figure, reader_name(audience, look, reader), place + 1)
        if step is not None:
            figure.add_vline(x=step, line={"color": look.ink, "width": 1, "dash": "dot"}, row=row, col=column)
    for place in range(len(film), panels * abreast):
        figure.update_xaxes(visible=False, row=panels, col=place % abreast + 1)
        figure.update_yaxes(visible=False, row=panels, col=place % abreast + 1)
    figure.update_xaxes(showgrid=False)
    figure.update_xaxes(title_text=look.say("step"), row=panels)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return dressed(figure, look, height=60 + (50 + 24 * first.shape[1]) * panels)


def _heat(
    z: np.ndarray,
    x: Sequence[object] | np.ndarray,
    y: Sequence[str],
    look: Look,
    *,
    printed: bool = True,
) -> go.Heatmap:
    return go.Heatmap(
        z=z,
        x=x,
        y=y,
        zmin=0,
        zmax=1,
        colorscale=[[0, look.heat[0]], [1, look.heat[1]]],
        showscale=False,
        texttemplate="%{z:.2f}" if printed and len(x) <= _MOST_PRINTED else None,
        xgap=2 if printed else 0,
        ygap=2,
        hoverongaps=False,
        hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
    )


def _short_numbers(weights_SE: np.ndarray) -> dict[str, Any]:
    """Numbers without the zero before their point, in a size that is read beside long names on a phone; or none."""
    if weights_SE.shape[1] > _MOST_PRINTED_BESIDE_NAMES:
        return {}
    text = [["" if np.isnan(weight) else f"{weight:.2f}".removeprefix("0") for weight in row] for row in weights_SE]
    return {"text": text, "texttemplate": "%{text}", "textfont": {"size": 11}}


def _panel_title(figure: go.Figure, title: str, panel: int) -> None:
    figure.add_annotation(
        text=title,
        font={"size": 14},
        xref="x domain" if panel == 1 else f"x{panel} domain",
        yref="y domain" if panel == 1 else f"y{panel} domain",
        x=0,
        y=1.0,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )
