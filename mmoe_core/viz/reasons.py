"""What truly moves people, where a simulator knows it: beside the gates, in the same form."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from .heat import heat
from .look import Look, dressed

__all__ = ["reason_heatmap"]


def reason_heatmap(reasons: pd.DataFrame, look: Look, *, tasks: Sequence[str], most: float) -> go.Figure:
    """Tasks down, reasons across; how much each reason moves the task.

    Args:
        reasons: One row per task (or any other name), one column per reason, in words.
        look: Colours and words.
        tasks: Of the run, in order; a row that is one of them has its colour.
        most: Upper end of the scale.
    """
    names = [look.named(tasks, str(row)) if row in tasks else look.say(str(row)) for row in reasons.index]
    figure = go.Figure(heat(reasons.to_numpy(), list(reasons.columns), names, look, most=most))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False, tickangle=-35)
    return dressed(figure, look, height=130 + 44 * len(names))
