"""Gates over training: all of it at a glance, or one snapshot after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..config import Audience
from .gates import gate_heatmap
from .hearing import cross_out, everyone, expert_names, heard_only, not_heard, reader_name, rule_between
from .heat import heat, panel_title
from .look import Look, dressed, empty_figure

__all__ = ["gate_film", "gate_player"]

_MOST_ABREAST = 4  # panels beside each other
_NO_GATES = "No gates recorded yet."
_DIGITS = 4
_SCRUBBER = 92  # px that buttons and slider take
_FRAME_MS = 140


def gate_film(
    film: Mapping[str, pd.DataFrame], look: Look, *, audience: Audience | None = None, most: float = 1.0
) -> go.Figure:
    """Gate weight over training, one panel per reader: experts down, steps across.

    Args:
        film: Reader → frame with one row per snapshot step and one column per expert.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
        most: Upper end of the scale.
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
        figure.add_trace(
            heat(weights_NE.T, frame.index.to_numpy(), experts, look, most=most, printed=False), row, column
        )
        unheard = not_heard(audience, look, reader)
        cells = [(middle, experts[expert]) for expert, _ in unheard]
        cross_out(figure, cells, [why for _, why in unheard], look, row=row, column=column)
        rule_between(figure, audience, look, "y", place + 1)
        panel_title(figure, reader_name(audience, look, reader), place + 1)
    for place in range(len(film), panels * abreast):
        figure.update_xaxes(visible=False, row=panels, col=place % abreast + 1)
        figure.update_yaxes(visible=False, row=panels, col=place % abreast + 1)
    figure.update_xaxes(showgrid=False)
    figure.update_xaxes(title_text=look.say("step"), row=panels)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return dressed(figure, look, height=60 + (50 + 24 * first.shape[1]) * panels)


def gate_player(
    film: Mapping[str, pd.DataFrame], look: Look, *, audience: Audience | None = None, most: float = 1.0
) -> go.Figure:
    """The same as a film: the heatmap of one snapshot, a scrubber over all of them, play and pause; opens at the last.

    Beneath each reader stands the first snapshot, the untrained gate, in every frame.

    Args:
        film: Reader → frame with one row per snapshot step and one column per expert.
        look: Colours and words.
        audience: Whose experts they are and who can hear them; default: everyone.
        most: Upper end of the scale.
    """
    if not film or next(iter(film.values())).empty:
        return empty_figure(_NO_GATES, look)
    first = next(iter(film.values()))
    audience = audience or everyone(list(film), [*first.columns])
    figures_NRE = np.stack(
        [heard_only(audience, reader, film[reader].to_numpy()) for reader in audience.readers], axis=1
    ).round(_DIGITS)
    last, untrained = (pd.DataFrame({r: film[r].iloc[at] for r in audience.readers}).T for at in (-1, 0))
    figure = gate_heatmap(last, look, audience=audience, untrained=untrained, most=most)
    steps = [f"{step:,}" for step in first.index]
    figure.frames = [
        go.Frame(name=step, data=[{"type": "heatmap", "z": _beneath(now_RE, figures_NRE[0])}], traces=[0])
        for step, now_RE in zip(steps, figures_NRE, strict=True)
    ]
    height = figure.layout.height + _SCRUBBER
    return figure.update_layout(
        height=height,
        margin_b=_SCRUBBER,
        sliders=[_scrubber(steps, look)],
        updatemenus=[_buttons(look)],
    )


def _beneath(now_RE: np.ndarray, untrained_RE: np.ndarray) -> np.ndarray:
    """Each reader's row now and, beneath it, before training."""
    return np.stack([now_RE, untrained_RE], axis=1).reshape(-1, now_RE.shape[1])


def _moved(duration_ms: int) -> dict[str, Any]:
    """From one frame to the next at once: cells have numbers, and numbers do not glide."""
    frame = {"duration": duration_ms, "redraw": True}
    return {"mode": "immediate", "fromcurrent": True, "frame": frame, "transition": {"duration": 0}}


def _scrubber(steps: list[str], look: Look) -> dict[str, Any]:
    return {
        "active": len(steps) - 1,
        "steps": [{"label": step, "method": "animate", "args": [[step], _moved(0)]} for step in steps],
        "currentvalue": {"prefix": f"{look.say('step')} ", "font": {"color": look.ink, "size": 13}, "xanchor": "right"},
        "x": 0.2,
        "len": 0.8,
        "y": 0,
        "pad": {"t": 8},
        "bgcolor": look.line,
        "activebgcolor": look.quiet,
        "bordercolor": look.line,
        "ticklen": 0,
        "minorticklen": 0,
        "font": {"color": "rgba(0,0,0,0)", "size": 1},  # the step stands above; labels of all would not fit
    }


def _buttons(look: Look) -> dict[str, Any]:
    labels = ("▶", [None, _moved(_FRAME_MS)]), ("❚❚", [[None], _moved(0)])
    return {
        "type": "buttons",
        "direction": "left",
        "buttons": [{"label": label, "method": "animate", "args": args} for label, args in labels],
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 24, "l": 0},
        "bgcolor": look.ground,
        "bordercolor": look.line,
        "font": {"color": look.ink},
    }
