"""Pictures of how numbers are spread: values of fields, and rows per session."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..data import Histogram
from .look import Look, dressed, empty_figure

__all__ = ["group_sizes", "value_histograms"]

_PANEL = 96  # px
_BINS_PER_DOUBLING = 2


def value_histograms(histograms: Mapping[str, Histogram], look: Look) -> go.Figure:
    """One panel per field below the other, all rows of one height: bins across in raw units, share of rows up.

    A field that is learnt as ln(1 + v) is drawn on that scale, with ticks in raw units.

    Args:
        histograms: Field → its bins in raw units.
        look: Colours and words.
    """
    if not histograms:
        return empty_figure("No field holds numbers.", look)
    count = len(histograms)
    figure = make_subplots(rows=count, cols=1, vertical_spacing=0.42 / count)
    for row, (name, bins) in enumerate(histograms.items(), start=1):
        places = [math.log1p(max(edge, 0)) if bins.is_log else edge for edge in bins.edges]
        total = max(1, sum(bins.counts))
        bars = go.Bar(
            x=[(low + high) / 2 for low, high in pairwise(places)],
            width=[high - low for low, high in pairwise(places)],
            y=[number / total for number in bins.counts],
            customdata=[f"{_short(low)} – {_short(high)}" for low, high in pairwise(bins.edges)],
            hovertemplate="%{customdata}<br>%{y:.1%}<extra></extra>",
            marker={"color": look.quiet, "line": {"color": look.ground, "width": 1}},
        )
        figure.add_trace(bars, row, 1)
        if bins.is_log:
            ticks = _log_ticks(bins.edges[0], bins.edges[-1])
            figure.update_xaxes(
                tickvals=[math.log1p(tick) for tick in ticks], ticktext=[_short(tick) for tick in ticks], row=row, col=1
            )
        axis = "x" if row == 1 else f"x{row}"
        scale = f" · {look.say('log scale')}" if bins.is_log else ""
        figure.add_annotation(
            text=f"<b>{look.say(name)}</b>{scale}",
            xref=f"{axis} domain",
            yref=f"{axis.replace('x', 'y')} domain",
            **{"x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False},
        )
    figure.update_xaxes(showgrid=False, nticks=6)
    figure.update_yaxes(tickformat=".0%", nticks=3, rangemode="tozero")
    return dressed(figure, look, height=60 + _PANEL * count)


def group_sizes(lengths: Sequence[int], counts: Sequence[int], look: Look, *, group: str) -> go.Figure:
    """How many sessions (or users) have how many rows, in bins that are equally wide on a log scale.

    Args:
        lengths: Rows of a session, ascending.
        counts: How many sessions have so many.
        look: Colours and words.
        group: `session` or `user`.
    """
    if not lengths:
        return empty_figure("Nobody knows which rows belong together.", look)
    bins: dict[int, int] = {}
    for length, count in zip(lengths, counts, strict=True):
        place = math.floor(math.log2(length) * _BINS_PER_DOUBLING + 1e-9)
        bins[place] = bins.get(place, 0) + count
    places = range(min(bins), max(bins) + 1)
    total = sum(counts)
    figure = go.Figure(
        go.Bar(
            x=[(place + 0.5) / _BINS_PER_DOUBLING for place in places],
            y=[bins.get(place, 0) / total for place in places],
            width=1 / _BINS_PER_DOUBLING,
            customdata=[[_whole_lengths(place), f"{bins.get(place, 0):,}"] for place in places],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} · %{y:.1%}<extra></extra>",
            marker={"color": look.quiet, "line": {"color": look.ground, "width": 1}},
        )
    )
    doublings = range(max(bins) // _BINS_PER_DOUBLING + 2)
    steps = max(1, len(doublings) // 8 + (len(doublings) % 8 > 0))
    figure.update_xaxes(
        tickvals=list(doublings)[::steps],
        ticktext=[f"{2**doubling:,}" for doubling in doublings][::steps],
        title_text=look.say("rows per session, log scale")
        if group == "session"
        else look.say("rows per user, log scale"),
        showgrid=False,
    )
    title = look.say("share of sessions") if group == "session" else look.say("share of users")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title_text=title)
    return dressed(figure, look, height=240)


def _whole_lengths(place: int) -> str:
    """The whole numbers in a bin, as people write a range."""
    low = math.ceil(2 ** (place / _BINS_PER_DOUBLING) - 1e-9)
    high = math.ceil(2 ** ((place + 1) / _BINS_PER_DOUBLING) - 1e-9) - 1
    return f"{low:,}" if high <= low else f"{low:,} – {high:,}"


def _log_ticks(low: float, high: float) -> list[float]:
    """0 and powers of ten within the range; where these are fewer than three, halves and doubles of them too."""
    tens = [0.0, *(10.0**power for power in range(-1, 16))]
    within = [tick for tick in tens if low <= tick <= high]
    if len(within) >= 3:
        return within
    finer = sorted({*tens, *(tick * times for tick in tens for times in (2, 5))})
    return [tick for tick in finer if low <= tick <= high]


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number + 0:.3g}"
