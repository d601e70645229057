"""The one way in which weights are drawn as a heatmap: a fixed scale whose 0 melts into the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .look import Look

__all__ = ["heat", "panel_title"]

_MOST_PRINTED = 16  # more columns than this and a number no longer fits into its cell


def heat(
    z: np.ndarray,
    x: Sequence[object] | np.ndarray,
    y: Sequence[str],
    look: Look,
    *,
    most: float = 1.0,
    printed: bool = True,
) -> go.Heatmap:
    """Rows down, columns across; a number in each cell where it is printed and has room.

    Args:
        z: Shape (rows, columns); NaN is left empty.
        x: Columns.
        y: Rows.
        look: Colours and words.
        most: Upper end of the scale; the lower is 0.
        printed: Else cells stand without gaps, as many columns as there are.
    """
    return go.Heatmap(
        z=z,
        x=x,
        y=y,
        zmin=0,
        zmax=most,
        colorscale=[[0, look.heat[0]], [1, look.heat[1]]],
        showscale=False,
        texttemplate="%{z:.2f}" if printed and len(x) <= _MOST_PRINTED else None,
        xgap=2 if printed else 0,
        ygap=2,
        hoverongaps=False,
        hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
    )


def panel_title(figure: go.Figure, title: str, panel: int) -> None:
    """A panel's title above its left corner."""
    figure.add_annotation(
        text=title,
        font={"size": 14},
        xref="x domain" if panel == 1 else f"x{panel} domain",
        yref="y domain" if panel == 1 else f"y{panel} domain",
        x=0,
        y=1.0,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )
