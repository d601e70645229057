"""The cards of the Results page that have something to choose or to say beside their picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from mmoe_core.analysis import calibration_error, gain_frame, mean_gain
from mmoe_core.config import Schema, change_kind, to_flat
from mmoe_core.runs import RunRow
from mmoe_core.viz import Scale, calibration_curve, gain_dots

from . import quality, result_loaders, story
from .language import plain, t, task_label, translate_error
from .look import CHART, look

__all__ = ["calibration", "gain"]

_RARE = 0.1  # a task whose highest bin is below this is a speck on axes that run to 1
_MOST_BESIDE = 3  # pictures in a row


def calibration(run: RunRow, schema: Schema) -> None:
    """One picture per binary task, side by side where there is room."""
    curves, error = result_loaders.calibration(run)
    if error:
        st.info(translate_error(error))
        return
    if not curves:
        st.markdown(t("Only probabilities can be calibrated, and every task here is a regression."))
        return
    scale = _pick_scale(curves)
    tasks = list(curves)
    for first in range(0, len(tasks), _MOST_BESIDE):
        beside = st.columns(min(_MOST_BESIDE, max(2, len(tasks))), gap="medium")
        for place, task in zip(beside, tasks[first:], strict=False):
            figure = calibration_curve(curves, task, look(), tasks=schema.task_names, scale=scale)
            place.plotly_chart(figure, key=f"calibration_{task}", config=CHART)
    errors = {task: calibration_error(curve) for task, curve in curves.items()}
    told = (
        t(
            "{task} {found} (by chance {by_chance})",
            task=plain(task_label(task)),
            found=f"{one.found:.4f}",
            by_chance=f"{one.by_chance:.4f}",
        )
        for task, one in errors.items()
        if one is not None
    )
    st.caption(t("Expected calibration error: {told}", told=" · ".join(told)))


def _pick_scale(curves: Mapping[str, pd.DataFrame]) -> Scale:
    highest = [float(curve["predicted"].max()) for curve in curves.values() if len(curve)]
    scales: dict[Scale, str] = {"linear": t("0 to 1"), "log": t("logarithmic")}
    usual: Scale = "log" if min(highest, default=1.0) < _RARE else "linear"
    chosen = st.segmented_control(
        t("Scale"), list(scales), format_func=scales.__getitem__, default=usual, key=f"scale_{usual}"
    )
    return usual if chosen is None else chosen


def gain(run: RunRow) -> None:
    """Against the single-task runs that there are; else how to get one."""
    if run.config.model.kind == "single":
        st.markdown(story.text("results.single"))
        return
    singles = result_loaders.singles(run)
    if not singles:
        st.markdown(story.text("results.alone"))
        single = run.config.model_copy(update={"model": change_kind(run.config.model, "single")[0]})
        st.page_link("train.py", label=t("Train the single-task networks"), query_params=to_flat(single))
        return
    gains, error = result_loaders.gains(run, singles)
    if error:
        st.info(translate_error(error))
        return
    mean = mean_gain(list(gains.values()))
    shown = None if mean is None else (mean.gain, mean.interval)
    st.plotly_chart(gain_dots(gain_frame(gains), look(), mean=shown), key="gain", config=CHART)
    quality.say_mean(mean)
    quality.say_singles(run, singles)
    quality.gain_table(gains)
