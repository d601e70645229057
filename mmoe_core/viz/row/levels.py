"""One level: experts as tall as what they say, and a ribbon as wide as a gate's weight from each to whoever reads it.

Shape suffixes in this file:
    E experts   H expert output width
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import hypot

from ...analysis.lens import LevelSaid
from ...config import SHARED, Audience
from .canvas import Canvas, faded

__all__ = ["FAINT", "draw_level", "expert_centers", "reader_centers"]

FAINT = 0.05  # a weight below it is drawn as a shadow
_TALLEST, _UNKNOWN = 64, 36  # px: the loudest expert of a level; one whose output is not of this kind
_BARS, _RIBBONS, _BAR = 110, 150, 11  # px: down to the experts' feet; from there to the gates; a gate
_MOST_SAID_TWICE = 3  # readers whose two largest weights are written, not one


def expert_centers(audience: Audience) -> list[float]:
    """Where the experts of a level stand."""
    count = len(audience.experts)
    return [(place + 0.5) / count for place in range(count)]


def reader_centers(audience: Audience, above: Audience | None) -> list[float]:
    """Where those stand who read a level: tasks side by side, others over the experts that read them."""
    if above is None:
        return [(place + 0.5) / len(audience.readers) for place in range(len(audience.readers))]
    return [
        sum(places) / len(places) if (places := [expert_centers(above)[one] for one in read]) else 0.5
        for read in experts_reading(audience, above)
    ]


def experts_reading(audience: Audience, above: Audience) -> list[list[int]]:
    """Of each reader of a level, the places of the experts of the next one that read its mixture."""
    belongs = [
        expert if expert in audience.readers else owner or SHARED
        for expert, owner in zip(above.experts, above.owners, strict=True)
    ]
    return [[place for place, whose in enumerate(belongs) if whose == reader] for reader in audience.readers]


def draw_level(
    canvas: Canvas, top: float, said: LevelSaid, audience: Audience, above: Audience | None, before: LevelSaid
) -> float:
    """Draw experts, ribbons and gates; returns where they end.

    Args:
        canvas: Where.
        top: Upper edge.
        said: The level's numbers.
        audience: Whose experts they are and who can hear them.
        above: The level that reads this one; None where the tasks do.
        before: The numbers before something was changed; the same where nothing was.
    """
    feet = top + _BARS
    half = _draw_experts(canvas, top, feet, said, audience, before)
    gates = feet + _RIBBONS
    colors = [
        canvas.look.task(audience.tasks, reader) if reader in audience.tasks else canvas.look.quiet
        for reader in audience.readers
    ]
    for number, center in enumerate(reader_centers(audience, above)):
        _draw_reader(canvas, (feet, gates), number, center, half, colors[number], (said, before), audience)
    return gates + _BAR + (24 if above is None else 8)


def _draw_experts(
    canvas: Canvas, top: float, feet: float, said: LevelSaid, audience: Audience, before: LevelSaid
) -> float:
    """The bars with their names; returns half the width of one."""
    look, centers = canvas.look, expert_centers(audience)
    half = min(0.4 / len(centers), 0.09)
    norms, were = _norms(said), _norms(before)
    loudest = max([*norms, *were, 1e-9])
    is_grouped = len(set(audience.owners)) > 1 and audience.experts != audience.tasks
    for place, (center, expert, owner) in enumerate(zip(centers, audience.experts, audience.owners, strict=True)):
        color = look.quiet if owner is None else look.task(audience.tasks, owner)
        name = look.say(expert)
        short = expert.rpartition(" ")[2] if is_grouped else expert if len(centers) <= 8 else expert.lstrip("E")
        canvas.text(center, top + 30, look.say(short), size=11, color=color)
        canvas.line(((center, top), (center, top + 5)), color=look.line)
        if not norms:
            canvas.box(center - half, center + half, feet - _UNKNOWN, feet, line=color)
            canvas.says(center, feet - _UNKNOWN / 2, name)
            continue
        told = f"{name}<br>‖E‖ = {norms[place]:.4f}"
        tall = _TALLEST * norms[place] / loudest
        if said != before:
            told += f" ({look.say('before')} {were[place]:.4f})"
            canvas.box(center - half, center + half, feet - _TALLEST * were[place] / loudest, feet, line=look.quiet)
        canvas.cell(center - half, center + half, feet - max(tall, 1.5), feet, faded(color, 0.75), told)
    if is_grouped:
        _name_groups(canvas, top, audience, centers, half)
    return half


def _name_groups(canvas: Canvas, top: float, audience: Audience, centers: Sequence[float], half: float) -> None:
    """Whose experts stand together, above them; many names stand on two lines in turn."""
    start, look = 0, canvas.look
    groups = [(owner, len(list(members))) for owner, members in groupby(audience.owners)]
    for number, (owner, count) in enumerate(groups):
        color = look.quiet if owner is None else look.task(audience.tasks, owner)
        low, high = centers[start] - half, centers[start + count - 1] + half
        lifted = 9 if len(groups) > 4 and number % 2 else 0
        canvas.text((low + high) / 2, top + 13 - lifted, look.say(owner or SHARED), size=10, color=color, bold=True)
        canvas.line(((low, top + 21), (high, top + 21)), color=color)
        start += count


def _draw_reader(
    canvas: Canvas,
    rows: tuple[float, float],
    number: int,
    center: float,
    half: float,
    color: str,
    numbers: tuple[LevelSaid, LevelSaid],
    audience: Audience,
) -> None:
    """A gate: its ribbons, laid side by side into a bar whose whole width is 1; what it was before beneath."""
    (feet, gates), (said, before), look = rows, numbers, canvas.look
    readers, count = len(audience.readers), len(audience.experts)
    whole = min(0.14, 0.62 / readers)
    lane = 2 * half / readers
    norms = _norms(said)
    left, was_left = center - whole / 2, center - whole / 2
    for place, at in enumerate(expert_centers(audience)):
        weight, was = said.weights_RE[number][place], before.weights_RE[number][place]
        middle = at - half + lane * (number + 0.5)
        wide = lane * weight
        told = _weight_said(canvas, number, place, numbers, audience)
        alpha = 0.5 if weight >= FAINT else 0.14
        if weight > 0:
            top_end, low_end = (middle - wide / 2, middle + wide / 2), (left, left + whole * weight)
            canvas.ribbon(top_end, feet, low_end, gates, fill=faded(color, alpha), line=faded(color, 0.25))
            canvas.cell(left, left + whole * weight * (0.98 if count > 1 else 1), gates, gates + _BAR, color, told)
            for share in (0.2, 0.5, 0.8):
                x = middle + (left + whole * weight / 2 - middle) * share**2 * (3 - 2 * share)
                canvas.says(x, feet + (gates - feet) * share, told)
        if said != before and was > 0:
            canvas.cell(
                was_left, was_left + whole * was * 0.98, gates + _BAR + 3, gates + _BAR + 7, faded(color, 0.45), told
            )
        left, was_left = left + whole * weight, was_left + whole * was
    if norms and audience.has_choice and readers <= len(audience.tasks):
        _write_largest(canvas, number, center, gates + _BAR + 16, said, audience)
    elif not audience.has_choice:
        canvas.text(center, gates + _BAR + 16, look.say("no choice"), size=10.5, color=look.quiet)


def _write_largest(canvas: Canvas, number: int, center: float, y: float, said: LevelSaid, audience: Audience) -> None:
    most = 2 if len(audience.readers) <= _MOST_SAID_TWICE else 1
    weights_E = said.weights_RE[number]
    largest = sorted(range(len(weights_E)), key=lambda place: -weights_E[place])[:most]
    short = [
        f"{canvas.look.say(audience.experts[place])} {weights_E[place]:.2f}" for place in largest if weights_E[place]
    ]
    if most == 1:
        short = [f"{weights_E[largest[0]]:.2f}"]
    canvas.text(center, y, " · ".join(short), size=10.5, color=canvas.look.quiet)


def _weight_said(
    canvas: Canvas, number: int, place: int, numbers: tuple[LevelSaid, LevelSaid], audience: Audience
) -> str:
    said, before = numbers
    look, norms = canvas.look, _norms(said)
    weight, was = said.weights_RE[number][place], before.weights_RE[number][place]
    told = f"<b>{look.say(audience.readers[number])} ← {look.say(audience.experts[place])}</b><br>g = {weight:.4f}"
    if said != before:
        told += f" ({look.say('before')} {was:.4f})"
    if norms:
        told += f"<br>g · ‖E‖ = {weight * norms[place]:.4f}"
    return told


def _norms(said: LevelSaid) -> list[float]:
    """‖E_i‖; none where the weights are an attention of its own kind."""
    return [] if said.outputs_EH is None else [hypot(*outputs_H) for outputs_H in said.outputs_EH]
