"""Towers: what each layer of them lets through, and what they say in the end, beside what happened.

Shape suffixes in this file:
    O width out of a layer
"""

from __future__ import annotations

from math import exp

from ...analysis.lens import RowTrace, TaskSaid
from .canvas import Canvas, faded, mixed

__all__ = ["draw_towers"]

_STRIP, _STEP = 9, 15  # px: a layer, and from one to the next
_MOST_LARGE = 4  # tasks whose answers are written large


def draw_towers(canvas: Canvas, top: float, said: RowTrace, before: RowTrace) -> float:
    """Draw every task's tower and answer; returns where they end.

    Args:
        canvas: Where.
        top: Upper edge.
        said: The row's numbers.
        before: Those before something was changed; the same where nothing was.
    """
    tasks = [one.task for one in said.tasks]
    wide = min(0.8 / len(tasks), 0.3)
    deepest = max(len(one.layers) for one in said.tasks)
    end = top + 44 + _STEP * (deepest - 1)
    for place, (task, was) in enumerate(zip(said.tasks, before.tasks, strict=True)):
        center = (place + 0.5) / len(tasks)
        color = canvas.look.task(tasks, task.task)
        _draw_tower(canvas, (top, end), center, wide, color, task, lifted=len(tasks) > _MOST_LARGE and bool(place % 2))
        _draw_answer(canvas, end, center, wide, color, (task, was), said, is_large=len(tasks) <= _MOST_LARGE)
    return end + 118


def _draw_tower(
    canvas: Canvas, rows: tuple[float, float], center: float, wide: float, color: str, task: TaskSaid, *, lifted: bool
) -> None:
    """A funnel; within it a strip per hidden layer, its cells as strong as what they let through."""
    (top, end), look = rows, canvas.look
    upper, lower = (center - wide * 0.42, center + wide * 0.42), (center - wide * 0.2, center + wide * 0.2)
    canvas.ribbon(upper, top, lower, end, fill=faded(color, 0.1))
    canvas.text(center, top + (9 if not lifted else 21), look.say(task.task), size=12, color=color, bold=True)
    for number, layer in enumerate(task.layers[:-1]):
        y = top + 32 + number * _STEP
        strongest = max([*layer.outputs_O, 1e-9])
        left, right = center - wide * 0.3, center + wide * 0.3
        step = (right - left) / len(layer.outputs_O)
        for place, output in enumerate(layer.outputs_O):
            shade = mixed(look.heat[0], color, output / strongest)
            told = f"{look.say(task.task)}, {look.say('tower layer')} {number + 1}<br>[{place + 1}] {output:.4f}"
            canvas.cell(left + place * step, left + (place + 0.9) * step, y, y + _STRIP, shade, told)


def _draw_answer(
    canvas: Canvas,
    top: float,
    center: float,
    wide: float,
    color: str,
    tasks: tuple[TaskSaid, TaskSaid],
    said: RowTrace,
    *,
    is_large: bool,
) -> None:
    """The tower's score, the number that it comes to, and beneath what happened and what was to be expected."""
    (task, was), look = tasks, canvas.look
    score = task.layers[-1].outputs_O[0]
    y = top + 10
    if task.kind == "binary":
        canvas.text(center, y, _working(task, score, said, is_large), size=10.5, color=look.quiet)
    digits = _number(task.prediction, task.kind)
    if task.prediction != was.prediction:
        canvas.text(center, y + 17, f"{_number(was.prediction, task.kind)} →", size=10.5, color=look.quiet)
    canvas.text(center, y + 37, digits, size=25 if is_large else 11.5, color=color, bold=True)
    if task.kind == "binary":
        left, span = center - wide * 0.42, wide * 0.84
        told = f"<b>{look.say(task.task)}</b><br>p = {task.prediction:.6f}"
        canvas.cell(left, left + span, y + 56, y + 62, look.line, told)
        canvas.cell(left, left + span * task.prediction, y + 56, y + 62, color, told)
        if task.prediction != was.prediction:
            at = left + span * was.prediction
            canvas.line(((at, y + 52), (at, y + 66)), color=color, width=1.5)
        if task.truth is not None:
            at = left + span * task.truth
            canvas.line(((at, y + 51), (at, y + 67)), color=look.ink, width=1.5, dash="dot")
    happened = look.say("unobserved") if task.label is None else f"{look.say('label')} {task.label:.3g}"
    canvas.text(center, y + 78, happened, size=11 if is_large else 9.5, bold=task.label == 1)
    if task.truth is not None:
        truth = f"{look.say('truly')} {_number(task.truth, task.kind)}" if is_large else f"⋮ {task.truth:.2g}"
        canvas.text(center, y + 93, truth, size=11 if is_large else 9.5, color=look.quiet)


def _working(task: TaskSaid, score: float, said: RowTrace, is_large: bool) -> str:
    """From score to answer, as short as there is room."""
    if task.factor is not None:
        factor = next(one for one in said.tasks if one.task == task.factor)
        return f"{_number(factor.prediction, 'binary')} × {_number(1 / (1 + exp(-score)), 'binary')}"
    shown = f"{score:.2f}".replace("-", "−")
    return f"σ({shown})" if is_large else shown


def _number(number: float, kind: str) -> str:
    if kind == "regression":
        return f"{number:.2g}".replace("-", "−")
    return f"{number:.3f}" if number >= 0.01 else f"{number:.2g}"
