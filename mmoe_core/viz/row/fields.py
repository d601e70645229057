"""The row itself: what each field says, and the embedding as which the network reads it.

Shape suffixes in this file:
    S embedding size
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from ...analysis.lens import FieldSaid
from .canvas import Canvas, mixed, shortened

__all__ = ["draw_fields"]

_FEW_FIELDS = 12
_LINE = 50  # px from one line of fields to the next
_GAP = 0.02
_ROOM_PX = 330  # of the narrowest page, across


def draw_fields(
    canvas: Canvas, top: float, fields: Sequence[FieldSaid], names: Mapping[str, str], before: Sequence[FieldSaid]
) -> float:
    """Draw all fields in lines of three or four; returns where they end.

    Args:
        canvas: Where.
        top: Upper edge.
        fields: What is read.
        names: What the fields are called.
        before: What was read before something was changed; the same where nothing was.
    """
    look, abreast = canvas.look, 3 if len(fields) <= _FEW_FIELDS else 4
    width = (1 - _GAP * (abreast - 1)) / abreast
    letters = int(width * _ROOM_PX / 5.6)
    largest = max((abs(value) for field in (*fields, *before) for value in field.reads_S), default=1.0) or 1.0
    for place, (field, was) in enumerate(zip(fields, before, strict=True)):
        x = place % abreast * (width + _GAP)
        y = top + place // abreast * _LINE
        name = names.get(field.name, field.name)
        if field.is_changed:
            canvas.box(max(x - 0.006, 0), min(x + width + 0.006, 1), y, y + _LINE - 5, line=look.ink)
        canvas.text(x, y + 9, _called(field.name, name, letters), size=10.5, color=look.quiet, anchor="left")
        value, both = look.say(field.value), f"{look.say(was.value)} → {look.say(field.value)}"
        value = both if field.is_changed and len(both) <= letters else value
        canvas.text(x, y + 22, shortened(value, letters), size=12, bold=field.is_changed, anchor="left")
        step = width / len(field.reads_S)
        for number, read in enumerate(field.reads_S):
            low, middle, high = look.poles
            color = mixed(middle, high if read > 0 else low, abs(read) / largest)
            said = f"{escape(name)} = {escape(value)}<br>[{number + 1}] {read:+.4f}"
            canvas.cell(x + number * step, x + (number + 0.9) * step, y + 32, y + 41, color, said)
    return top + -(-len(fields) // abreast) * _LINE


def _called(code: str, name: str, letters: int) -> str:
    """The whole name where there is room, else the field's own word for itself."""
    return name if shortened(name, letters) == name else shortened(code, letters)
