"""One visual language: a task keeps its colour, a gate weight of 0 melts into the ground, words can be translated.

Task colours are Okabe and Ito's, told apart with the common colour-blindnesses, with lighter twins for dark grounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape

import plotly.graph_objects as go

__all__ = ["DARK", "LIGHT", "Look", "dressed", "empty_figure", "text_width"]


@dataclass(frozen=True)
class Look:
    """Colours of one ground, and how words are said."""

    ground: str
    ink: str
    quiet: str
    line: str
    heat: tuple[str, str]  # gate weight 0 and 1
    poles: tuple[str, str, str]  # of what has a sign: -1, 0, 1; told apart with the common colour-blindnesses
    tasks: tuple[str, ...]
    say: Callable[[str], str] = str

    def saying(self, say: Callable[[str], str]) -> Look:
        """The same colours with words in another language."""
        return replace(self, say=say)

    def named(self, tasks: Sequence[str], task: str) -> str:
        """A task's name in its colour, for an axis."""
        return f'<b><span style="color:{self.task(tasks, task)}">{escape(self.say(task))}</span></b>'

    def task(self, tasks: Sequence[str], task: str) -> str:
        """The colour of a task, by its place among all tasks of the run."""
        return self.tasks[list(tasks).index(task) % len(self.tasks)]


LIGHT = Look(
    ground="#FFFFFF",
    ink="#1B1F24",
    quiet="#6B7280",
    line="#E5E7EB",
    heat=("#F3F4F8", "#26286E"),
    poles=("#8C4A00", "#F3F4F8", "#0B5394"),
    tasks=("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#B8A800", "#555555"),
)
DARK = Look(
    ground="#191D24",
    ink="#E8EAED",
    quiet="#9AA3AF",
    line="#2A303A",
    heat=("#1E2430", "#A0B6FF"),
    poles=("#F0A35E", "#1E2430", "#7FB5FF"),
    tasks=("#56B4E9", "#F0A35E", "#4CC9A0", "#E3A5C7", "#F2C14E", "#8FD0F5", "#DDD05A", "#A9B0BA"),
)


def dressed(figure: go.Figure, look: Look, *, height: int) -> go.Figure:
    """Give a figure the house's ground, ink and margins; height in pixels."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": look.ink, "size": 13},
        hoverlabel={"bgcolor": look.ground, "font": {"color": look.ink}},
        showlegend=False,
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=look.line, zeroline=False, automargin=True, title_font_color=look.quiet)
    figure.update_yaxes(gridcolor=look.line, zeroline=False, automargin=True, title_font_color=look.quiet)
    return figure


def empty_figure(sentence: str, look: Look) -> go.Figure:
    """A quiet sentence where a picture will be."""
    figure = go.Figure()
    figure.add_annotation(text=look.say(sentence), showarrow=False, font={"color": look.quiet, "size": 14})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return dressed(figure, look, height=120)


def text_width(text: str) -> int:
    """About how many pixels a text takes; a Chinese character is twice as wide as a Latin one."""
    return sum(8 if letter.isascii() else 14 for letter in text)
