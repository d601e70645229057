"""One row's way through the network: fields, experts, gates, towers, probabilities, all with this row's numbers.

From top to bottom as the numbers flow. All widths of ribbons are on one fixed scale, so that two pictures compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from ...analysis.lens import RowTrace
from ...config import Audience
from ..look import Look
from .canvas import Canvas
from .fields import draw_fields
from .levels import draw_level, expert_centers, experts_reading, reader_centers
from .towers import draw_towers

__all__ = ["row_trace"]


def row_trace(
    said: RowTrace,
    look: Look,
    *,
    audiences: Sequence[Audience],
    names: Mapping[str, str] | None = None,
    before: RowTrace | None = None,
) -> go.Figure:
    """Draw a row's way.

    Args:
        said: Its numbers.
        look: Colours and words.
        audiences: Of each level, whose experts they are and who can hear them.
        names: What the fields are called; default: as in the data.
        before: The same row before a field was changed; then what was stands beside what is.
    """
    canvas, was = Canvas(look), before or said
    y = draw_fields(canvas, 4, said.fields, names or {}, was.fields)
    width = sum(len(field.reads_S) for field in said.fields)
    canvas.text(
        0.5,
        y + 10,
        look.say("{width} numbers, read by experts and gates").format(width=width),
        size=10.5,
        color=look.quiet,
    )
    y += 22
    centers = expert_centers(audiences[0])
    canvas.line(((min(centers[0], 0.5), y), (max(centers[-1], 0.5), y)), color=look.line)
    for place, (level, audience) in enumerate(zip(said.levels, audiences, strict=True)):
        above = audiences[place + 1] if place + 1 < len(audiences) else None
        y = draw_level(canvas, y, level, audience, above, was.levels[place])
        if above is not None:
            y = _hand_on(canvas, y, audience, above)
    return canvas.figure(draw_towers(canvas, y, said, was))


def _hand_on(canvas: Canvas, y: float, audience: Audience, above: Audience) -> float:
    """From each mixture a quiet line to every expert that reads it; returns where the next level begins."""
    centers = expert_centers(above)
    for from_x, readers in zip(reader_centers(audience, above), experts_reading(audience, above), strict=True):
        for place in readers:
            canvas.line(((from_x, y), (centers[place], y + 18)), color=canvas.look.quiet)
    return y + 18
