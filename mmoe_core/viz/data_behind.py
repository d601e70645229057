"""The numbers behind a picture, read off the picture: what a person takes away is what was drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

__all__ = ["data_behind"]

_MARKUP = re.compile(r"<[^>]*>|\u200b")
_BREAK = re.compile(r"<br\s*/?>")
_COLUMNS = ("panel", "across", "up", "kind", "series", "frame", "x", "y", "z", "low", "high", "text")


def data_behind(figure: go.Figure) -> pd.DataFrame:
    """A row per point, bar or cell of a figure, in the order in which they were drawn.

    Panel is a panel's title, across and up its axes' titles, kind and series say what was drawn and for whom, frame is
    the moment of a film; x and y are places in the units of the axes, z is a cell's number, low and high are the ends
    of an interval or of a band, and text is what is said where somebody points; further numbers that are said there
    follow. A column that would be empty is left out.
    """
    titles = _panel_titles(figure)
    parts = []
    for number, trace in enumerate(figure.data):
        part = pd.DataFrame(_moments(figure, number) or _points(trace))
        if part.empty:
            continue
        across, up = trace.xaxis or "x", trace.yaxis or "y"
        said = (titles.get(across), *(_axis_title(figure, axis) for axis in (across, up)), trace.type)
        for place, (column, value) in enumerate(zip(_COLUMNS, (*said, _plain(trace.name)), strict=False)):
            part.insert(place, column, value)
        parts.append(part)
    if not parts:
        return pd.DataFrame(columns=["x", "y"])
    found = pd.DataFrame([row for part in parts for row in part.to_dict("records")])
    further = [column for column in found if column not in _COLUMNS]
    return found.reindex(columns=[*_COLUMNS, *further]).dropna(axis=1, how="all")


def _points(trace: Any) -> list[dict[str, Any]]:
    """What one trace draws; a gap in a line is no point."""
    if trace.type == "heatmap":
        return _cells(trace, np.asarray(trace.z))
    xs, ys = _listed(trace.x), _listed(trace.y)
    if trace.type == "scatter" and trace.fill == "toself":
        if trace.text is not None:
            return _steps(trace, xs)
        if xs == xs[::-1]:  # it goes there and back; any other area, such as an ellipse, is its outline
            return _band(xs, ys)
    texts = _listed(trace.text) if not isinstance(trace.text, str) else []
    points = []
    for place, (x, y) in enumerate(zip(xs, ys, strict=True)):
        point = {"x": _plain(x), "y": _plain(y), **_interval(trace, place, x, y)}
        if place < len(texts):
            point["text"] = _plain(texts[place])
        point |= _further(trace, place)
        if not (_is_nothing(x) or _is_nothing(y)):
            points.append(point)
    return points


def _moments(figure: go.Figure, number: int) -> list[dict[str, Any]]:
    """A heatmap that plays: its cells in every frame."""
    return [
        {"frame": frame.name, **cell}
        for frame in figure.frames
        for place, moved in zip(frame.traces or (), frame.data, strict=True)
        if place == number and moved.type == "heatmap"
        for cell in _cells(figure.data[number], np.asarray(moved.z))
    ]


def _cells(heat: Any, z: np.ndarray) -> list[dict[str, Any]]:
    """A heatmap row by row; where nothing was drawn z is empty."""
    xs = _listed(heat.x) or list(range(z.shape[1]))
    ys = _listed(heat.y) or list(range(z.shape[0]))
    return [
        {"x": _plain(x), "y": _plain(y), "z": z[row, column]} for row, y in enumerate(ys) for column, x in enumerate(xs)
    ]


def _band(xs: Sequence[Any], ys: Sequence[Any]) -> list[dict[str, Any]]:
    """An area that goes there along its upper edge and back along its lower one: its two ends at each place."""
    half = len(xs) // 2
    return [
        {"x": x, "low": low, "high": high} for x, high, low in zip(xs[:half], ys[:half], ys[half:][::-1], strict=True)
    ]


def _steps(outline: Any, xs: Sequence[Any]) -> list[dict[str, Any]]:
    """The outline of a histogram: a bin has two corners that say the same of it."""
    corners = [place for place, text in enumerate(_listed(outline.text)) if text]
    return [
        {"x": (xs[left] + xs[right]) / 2, "text": _plain(outline.text[left]), **_further(outline, left)}
        for left, right in zip(corners[::2], corners[1::2], strict=True)
    ]


def _interval(trace: Any, place: int, x: Any, y: Any) -> dict[str, float]:
    for error, middle in ((trace.error_y, y), (trace.error_x, x)):
        above = _listed(error.array)
        if place < len(above):
            below = _listed(error.arrayminus) or above
            return {"low": middle - below[place], "high": middle + above[place]}
    return {}


def _further(trace: Any, place: int) -> dict[str, Any]:
    """Numbers that are not drawn but said."""
    rows = [] if trace.customdata is None else list(trace.customdata)
    if place >= len(rows):
        return {}
    row = [rows[place]] if np.ndim(rows[place]) == 0 else list(rows[place])
    return {f"said {number}": _plain(value) for number, value in enumerate(row, start=1)}


def _panel_titles(figure: go.Figure) -> dict[str, Any]:
    """Axis → what stands above its panel."""
    titles: dict[str, Any] = {}
    for note in figure.layout.annotations:
        reference = str(note.xref or "")
        if reference.endswith(" domain") and str(note.yref or "").endswith(" domain"):
            titles.setdefault(reference.removesuffix(" domain"), _plain(note.text))
    return titles


def _axis_title(figure: go.Figure, axis: str) -> Any:
    return _plain(figure.layout[f"{axis[0]}axis{axis[1:]}"].title.text)


def _listed(values: Any) -> list[Any]:
    return [] if values is None else list(values)


def _plain(value: Any) -> Any:
    """Text as it is read, without its colours; anything else as it is."""
    return unescape(_MARKUP.sub("", _BREAK.sub(" · ", value))).strip() if isinstance(value, str) else value


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
