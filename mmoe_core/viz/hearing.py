"""Who is who in a picture of gates: a task's own experts in its colour, shared ones quiet, a rule between the groups,
and a cross where a reader cannot hear an expert at all, since "never" is no weight of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from ..config import Audience
from .look import Look

__all__ = [
    "cross_out",
    "everyone",
    "expert_names",
    "heard_only",
    "not_heard",
    "reader_color",
    "reader_name",
    "rule_between",
]


def everyone(readers: Sequence[str], experts: Sequence[str]) -> Audience:
    """Tasks that all hear all experts: what is drawn where nothing else is known."""
    heard = ((True,) * len(experts),) * len(readers)
    return Audience(tuple(readers), tuple(readers), tuple(experts), (None,) * len(experts), heard, has_choice=True)


def reader_color(audience: Audience, look: Look, reader: str) -> str:
    """A task's own colour; that of what a later level reads is quiet."""
    return look.task(audience.tasks, reader) if reader in audience.tasks else look.quiet


def reader_name(audience: Audience, look: Look, reader: str) -> str:
    """A reader for an axis, in its colour."""
    return f'<b><span style="color:{reader_color(audience, look, reader)}">{escape(look.say(reader))}</span></b>'


def expert_names(audience: Audience, look: Look) -> list[str]:
    """Experts for an axis, each in the colour of the task that it belongs to."""
    names = []
    for expert, owner in zip(audience.experts, audience.owners, strict=True):
        said = escape(look.say(expert))
        color = look.quiet if owner is None else look.task(audience.tasks, owner)
        names.append(f'<span style="color:{color}">{said}</span>' if len(set(audience.owners)) > 1 else said)
    return names


def rule_between(figure: go.Figure, audience: Audience, look: Look, axis: Literal["x", "y"], panel: int = 1) -> None:
    """A thin gap with a line in it wherever another task's experts begin, across the experts' axis of a panel."""
    number = "" if panel == 1 else str(panel)
    across: Literal["x", "y"] = "y" if axis == "x" else "x"
    for start in audience.starts:
        place = {f"{axis}0": start - 0.5, f"{axis}1": start - 0.5, f"{across}0": 0, f"{across}1": 1}
        axes = {f"{axis}ref": f"{axis}{number}", f"{across}ref": f"{across}{number} domain"}
        for color, width in ((look.ground, 7), (look.quiet, 1)):
            figure.add_shape(type="line", line={"color": color, "width": width}, **place, **axes)


def cross_out(
    figure: go.Figure,
    cells: Sequence[tuple[object, object]],
    said: Sequence[str],
    look: Look,
    *,
    row: int | None = None,
    column: int | None = None,
) -> None:
    """A small cross in each cell (x, y) that means "cannot be heard", and the sentence that says so."""
    if not cells:
        return
    xs, ys = zip(*cells, strict=True)
    crosses = go.Scatter(
        x=xs,
        y=ys,
        mode="markers",
        marker={"symbol": "x-thin", "size": 7, "line": {"color": look.quiet, "width": 1.25}},
        text=list(said),
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )
    figure.add_trace(crosses, row, column)


def heard_only(audience: Audience, reader: str, weights_XE: np.ndarray) -> np.ndarray:
    """Weights with no number where the reader cannot hear; experts along the last axis."""
    heard_E = np.array(audience.heard[audience.readers.index(reader)])
    return np.where(heard_E, weights_XE, np.nan)


def not_heard(audience: Audience, look: Look, reader: str) -> list[tuple[int, str]]:
    """The places of the experts that a reader cannot hear, and the sentence that says so."""
    sentence = look.say("{reader} cannot hear {expert}")
    return [
        (place, sentence.format(reader=escape(look.say(reader)), expert=escape(look.say(expert))))
        for place, expert in enumerate(audience.experts)
        if not audience.hears(reader, expert)
    ]
