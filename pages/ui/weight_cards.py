"""What a sweep has found: the seesaw, every run against its seed's reference weight, and who pulls how hard."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import seed_ellipse
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import RunRow, Sweep, SweptRun, TaskComparison
from mmoe_core.viz import balance_curve, seesaw_plane, share_curves

from . import figures, result_loaders, verdicts, weight_loaders
from .language import t, task_label
from .look import look

__all__ = ["pick_run", "plane", "shares", "table"]

_NONE = "–"


def plane(sweep: Sweep, tasks: tuple[str, str]) -> None:
    """The finished runs in the plane of two tasks' AUCs."""
    rows = [_dot(one, tasks) for one in sweep.finished]
    runs = pd.DataFrame(rows, columns=["weight", *tasks, "told"]).astype(dict.fromkeys(["weight", *tasks], float))
    alone = runs[runs["weight"].isna()][list(tasks)].mean().dropna()
    figure = seesaw_plane(
        runs.dropna(subset=["weight"]), tasks, {str(task): auc for task, auc in alone.items()}, look()
    )
    figures.show(figure, key="seesaw")
    of_weights = runs.dropna().groupby("weight")
    ellipses = [seed_ellipse(seeds[list(tasks)]) for _, seeds in of_weights]
    held = {found.num_seeds: found.share_of_further_seeds for found in ellipses if found is not None}
    for seeds, share in sorted(held.items()):
        st.caption(
            t(
                "An ellipse of {seeds} seeds holds about {share} of the seeds to come.",
                seeds=seeds,
                share=f"{share:.0%}",
            )
        )


def _dot(one: SweptRun, tasks: tuple[str, str]) -> tuple[object, ...]:
    end = result_loaders.end(one.run)
    metrics = [end.metrics.get(task) if end else None for task in tasks]
    told = [f"{t('weight')} {_weight(one)} · {t('seed')} {one.point.seed}"]
    told += [
        f"{task_label(task)}: {_auc(found)} · {_positives(found)}" for task, found in zip(tasks, metrics, strict=True)
    ]
    return (one.point.weight, *(found.auc if found else None for found in metrics), "<br>".join(told))


def table(sweep: Sweep, tasks: tuple[str, str]) -> None:
    """Every run; the finished ones against the reference weight of the same seed, on the same test rows."""
    weights = {one.point.weight for one in sweep.runs if one.point.weight is not None}
    reference = min(weights, key=lambda weight: abs(math.log(weight)))
    found = _compared(sweep.finished, reference)
    rows = []
    for one in sweep.runs:
        end = result_loaders.end(one.run) if one in sweep.finished else None
        row = {t("weight"): _weight(one), t("seed"): f"{one.point.seed}"}
        for task in tasks:
            said, metrics = task_label(task), end.metrics.get(task) if end else None
            row[f"AUC · {said}"] = _auc(metrics) if end else _NONE
            row[f"{t('positives')} · {said}"] = _positives(metrics)
            row[f"{t('difference')} · {said}"] = _difference(found.get((one.run.run_id, task)) if one.run else None)
        row[t("state")] = t(one.run.state) if one.run else _NONE
        rows.append(row)
    st.caption(t("Differences are against weight {weight} of the same seed.", weight=f"{reference:g}"))
    st.dataframe(rows, hide_index=True, height="content")


def _compared(runs: Sequence[SweptRun], reference: float) -> dict[tuple[str, str], TaskComparison]:
    found: dict[tuple[str, str], TaskComparison] = {}
    for baseline in runs:
        if baseline.point.weight == reference and baseline.run:
            rows = [
                one.run for one in runs if one.run and one.point.seed == baseline.point.seed and one.run != baseline.run
            ]
            compared, _, _ = result_loaders.comparisons(rows, baseline.run)
            found |= {(one.run_id, one.task): one for one in compared}
    return found


def _difference(one: TaskComparison | None) -> str:
    if one is None:
        return _NONE
    return f"{verdicts.difference(one.gain)} {verdicts.verdict(one.gain)}" if one.gain else t("undefined")


def _weight(one: SweptRun) -> str:
    return t("single-task") if one.point.weight is None else f"{one.point.weight:g}"


def _auc(metrics: TaskMetrics | None) -> str:
    if metrics is None or metrics.auc is None:
        return t("undefined")
    return f"{metrics.auc:.4f} [{metrics.auc_low:.4f}, {metrics.auc_high:.4f}]"


def _positives(metrics: TaskMetrics | None) -> str:
    return _NONE if metrics is None or metrics.positives is None else f"{metrics.positives:,}"


def pick_run(sweep: Sweep) -> RunRow | None:
    """One of the sweep's runs that has trained together, to look at its shares."""
    runs = {one.run.run_id: one for one in sweep.runs if one.run and one.run.steps and one.point.weight is not None}
    if not runs:
        return None
    names = {run_id: f"{t('weight')} {_weight(one)} · {t('seed')} {one.point.seed}" for run_id, one in runs.items()}
    return runs[st.selectbox(t("Run"), list(runs), format_func=names.__getitem__, key="sweep_run")].run


def shares(run: RunRow | None, sweep: Sweep | None) -> None:
    """Loss share beside gradient share, by weight and over one run; and the weights of an adaptive method."""
    together = [one for one in sweep.finished if one.point.weight is not None] if sweep else []
    if together:
        st.caption(t("Over the weights, each training as a whole"))
        over_weights = weight_loaders.shares_over_weights(together)
        figures.show(share_curves(over_weights, look()), key="shares_by_weight")
    if run is None:
        return
    st.caption(t("Over the steps of one training"))
    figures.show(share_curves(weight_loaders.shares(run), look()), key="shares")
    weights = weight_loaders.balance(run)
    if len(weights):
        st.caption(t("What the balancing method makes of the weights"))
        figures.show(balance_curve(weights, look()), key="balance")
