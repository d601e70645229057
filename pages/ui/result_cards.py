"""The cards of the Results page that have something to choose or to say beside their picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import MeanGain, TaskGain, calibration_error, gain_frame, mean_gain
from mmoe_core.config import Schema, change_kind, to_flat
from mmoe_core.runs import RunRow
from mmoe_core.viz import Scale, calibration_curve, gain_dots

from . import figures, result_loaders, story, verdicts
from .language import plain, t, task_label, translate_error
from .look import look

__all__ = ["calibration", "gain"]

_RARE = 0.1  # a task whose highest bin is below this is a speck on axes that run to 1
_MOST_BESIDE = 3  # pictures in a row
_MOVE_NOTHING = {  # choices of training by which two runs may differ and still be compared
    *("seed", "validate_every", "validation_rows", "snapshot_every", "save_every", "probe_rows"),
    *("num_processes", "num_threads", "threads_ahead", "device"),
}


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
            with place:
                figures.show(figure, key=f"calibration_{task}")
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
    figures.show(gain_dots(gain_frame(gains), look(), mean=shown), key="gain")
    _say_mean(mean)
    _say_singles(run, singles)
    _show_gains(gains)


def _show_gains(gains: Mapping[str, TaskGain | None]) -> None:
    """Each task's difference to its single-task networks, and whether it can be told from none."""
    columns = (
        *(t("measure"), t("positives"), t("this run"), t("single-task"), t("difference"), t("p"), t("verdict")),
        t("rows it would take"),
    )
    nothing = ("–",) * (len(columns) - 2) + (t("undefined"), "–")
    table = [
        {t("task"): task_label(task), **dict(zip(columns, _cells(one) if one else nothing, strict=True))}
        for task, one in gains.items()
    ]
    st.dataframe(table, hide_index=True, height="content")


def _cells(one: TaskGain) -> tuple[str, ...]:
    return (
        one.measure.upper(),
        "–" if one.positives is None else f"{one.positives:,}",
        f"{one.found.one:.4f}",
        _range(one),
        verdicts.difference(one),
        verdicts.p_value(one),
        verdicts.verdict(one),
        verdicts.rows_needed(one),
    )


def _range(one: TaskGain) -> str:
    mean = f"{one.found.other:.4f}"
    is_one = one.lowest_single == one.highest_single
    return mean if is_one else f"{mean} ({one.lowest_single:.4f} – {one.highest_single:.4f})"


def _percent(share: float) -> str:
    return f"{share:+.2%}".replace("-", "−")


def _say_mean(mean: MeanGain | None) -> None:
    """Δ in words."""
    if mean is None:
        st.caption(t("Δ is undefined: a task has no gain here."))
    elif mean.interval is None:
        st.caption(t("Δ = {gain}: mean over the tasks.", gain=_percent(mean.gain)))
    else:
        low, high = mean.interval
        verdict = t("not distinguishable from 0") if low <= 0 <= high else t("distinguishable from 0")
        st.caption(
            t(
                "Δ = {gain} [{low}, {high}]: mean over the tasks, {verdict}.",
                gain=_percent(mean.gain),
                low=_percent(low),
                high=_percent(high),
                verdict=verdict,
            )
        )


def _say_singles(run: RunRow, singles: Sequence[RunRow]) -> None:
    """How many real runs stand behind the comparison, and whether they were trained as this one was."""
    others = [one for one in singles if _learning(one) != _learning(run)]
    st.caption(t("Finished single-task runs on the same rows: {count}.", count=len(singles)))
    if others:
        otherwise = t(
            "Trained otherwise than this run (learning rate, epochs, batch size, weights …): {count} of them. "
            "The difference is not of the architecture alone.",
            count=len(others),
        )
        st.caption(f":orange[{otherwise}]")


def _learning(run: RunRow) -> object:
    """The choices of training that move its numbers beyond chance."""
    return run.config.train.model_dump(exclude=_MOVE_NOTHING)
