"""What a drawing is put together from: cells, ribbons, words, and places that speak when one points at them.

Across, a drawing is as wide as its page, from 0 to 1; down, it is measured in pixels, so that words keep their room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go

from ..look import Look, dressed

__all__ = ["Canvas", "faded", "mixed", "shortened"]


def mixed(start: str, end: str, share: float) -> str:
    """A colour between two."""
    share = min(max(share, 0.0), 1.0)
    pairs = zip(_channels(start), _channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def faded(color: str, alpha: float) -> str:
    """A colour that lets through what is behind it."""
    return f"rgba({', '.join(map(str, _channels(color)))}, {alpha:.3g})"


def shortened(text: str, most: int) -> str:
    """A text in at most so many Latin letters; a Chinese character takes the room of two."""
    taken = 0
    for place, letter in enumerate(text):
        taken += 1 if letter.isascii() else 2
        if taken > most:
            return text[: max(place - 1, 1)] + "…"
    return text


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@dataclass
class Canvas:
    """A drawing in the making.

    Attributes:
        look: Colours and words.
    """

    look: Look
    _shapes: list[dict[str, Any]] = field(default_factory=list)
    _words: list[dict[str, Any]] = field(default_factory=list)
    _cells: list[tuple[float, float, float, float, str, str]] = field(default_factory=list)
    _places: list[tuple[float, float, str]] = field(default_factory=list)

    def cell(self, x0: float, x1: float, y0: float, y1: float, color: str, said: str) -> None:
        """A filled rectangle that says something; y0 is its upper edge."""
        self._cells.append((x0, x1, y0, y1, color, said))

    def box(self, x0: float, x1: float, y0: float, y1: float, *, fill: str | None = None, line: str) -> None:
        """A quiet rectangle beneath everything, or an outline."""
        self._shapes.append(
            {
                "type": "rect",
                "x0": x0,
                "x1": x1,
                "y0": -y0,
                "y1": -y1,
                "layer": "above" if fill is None else "below",
                "fillcolor": fill or "rgba(0,0,0,0)",
                "line": {"color": line, "width": 1},
            }
        )

    def line(
        self,
        points: tuple[tuple[float, float], tuple[float, float]],
        *,
        color: str,
        width: float = 1,
        dash: Literal["solid", "dot"] = "solid",
    ) -> None:
        """A straight line."""
        (x0, y0), (x1, y1) = points
        self._shapes.append(
            {
                "type": "line",
                "x0": x0,
                "x1": x1,
                "y0": -y0,
                "y1": -y1,
                "layer": "above",
                "line": {"color": color, "width": width, "dash": dash},
            }
        )

    def ribbon(
        self, top: tuple[float, float], y0: float, bottom: tuple[float, float], y1: float, *, fill: str, line: str = ""
    ) -> None:
        """A band from one stretch to another one below it, which leaves and arrives upright."""
        (a0, a1), (b0, b1), middle = top, bottom, (y0 + y1) / 2
        path = (
            f"M {a0:.5f},{-y0} C {a0:.5f},{-middle} {b0:.5f},{-middle} {b0:.5f},{-y1} "
            f"L {b1:.5f},{-y1} C {b1:.5f},{-middle} {a1:.5f},{-middle} {a1:.5f},{-y0} Z"
        )
        stroke = {"color": line, "width": 0.75} if line else {"width": 0}
        self._shapes.append({"type": "path", "path": path, "layer": "below", "fillcolor": fill, "line": stroke})

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        color: str | None = None,
        bold: bool = False,
        anchor: Literal["left", "center", "right"] = "center",
    ) -> None:
        """Words around a place, which may be anybody's text."""
        said = f"<b>{escape(words)}</b>" if bold else escape(words)
        self._words.append(
            {
                "x": x,
                "y": -y,
                "text": said,
                "showarrow": False,
                "xanchor": anchor,
                "yanchor": "middle",
                "borderpad": 0,
                "font": {"size": size, "color": color or self.look.ink},
            }
        )

    def says(self, x: float, y: float, said: str) -> None:
        """An unseen place that says something when one points at it."""
        self._places.append((x, y, said))

    def figure(self, height: float) -> go.Figure:
        """The drawing."""
        figure = go.Figure()
        if self._cells:
            x0s, x1s, y0s, y1s, colors, said = zip(*self._cells, strict=True)
            figure.add_bar(
                x=[(x0 + x1) / 2 for x0, x1 in zip(x0s, x1s, strict=True)],
                width=[x1 - x0 for x0, x1 in zip(x0s, x1s, strict=True)],
                base=[-y1 for y1 in y1s],
                y=[y1 - y0 for y0, y1 in zip(y0s, y1s, strict=True)],
                marker={"color": colors, "line": {"width": 0}},
                hovertext=said,
                hovertemplate="%{hovertext}<extra></extra>",
            )
        if self._places:
            xs, ys, said = zip(*self._places, strict=True)
            figure.add_scatter(
                x=xs,
                y=[-y for y in ys],
                mode="markers",
                marker={"size": 14, "opacity": 0},
                hovertext=said,
                hovertemplate="%{hovertext}<extra></extra>",
            )
        dressed(figure, self.look, height=round(height))
        figure.update_layout(
            margin={"l": 2, "r": 2, "t": 0, "b": 0},
            barmode="overlay",
            hovermode="closest",
            shapes=self._shapes,
            annotations=self._words,
            barcornerradius=2,
        )
        figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
        figure.update_yaxes(range=[-height, 0], visible=False, fixedrange=True)
        return figure
