"""What the Compare page asks and says of logistic regression and gradient boosting: learn them, then judge by them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from mmoe_core.analysis import TaskGain
from mmoe_core.runs import BaselineReport, BaselineScore, RunRow, baselines_of, learn_baselines
from mmoe_core.runs.baselines import baselines_place

from . import loaders, result_loaders, verdicts
from .bring import imports
from .language import plain, t, task_label, translate_error

__all__ = ["show"]


def show(runs: Mapping[str, RunRow]) -> None:
    """Learn them when somebody asks; then each task as they do it, and every run against them."""
    baseline = next(iter(runs.values()))
    report = baselines_of(baseline)
    if report is None:
        _offer(baseline)
        return
    found, refused, error = result_loaders.against_baselines(list(runs.values()), report)
    if error:
        st.info(translate_error(error))
        return
    letters = {row.run_id: letter for letter, row in runs.items()}
    for one in refused:
        st.caption(f":orange[**{letters[one.run_id]}** – {translate_error(one.reason)}]")
    st.dataframe([_row(score, letters) for score in found], hide_index=True, height="content")
    _say(report)


def _offer(baseline: RunRow) -> None:
    place = baselines_place(baseline)
    if place is None:
        st.markdown(t("The dataset of run A is not here any more, so that nothing else can learn from it."))
        return
    job = loaders.baselines().find(place.name)
    if job is not None and job.state == "running":
        imports.follow([job])
        st.caption(t("It goes on when you leave this page."))
        return
    if job is not None and job.error is not None:
        st.info(translate_error(job.error))
    st.markdown(
        t(
            "Logistic regression (ridge for a regression) and gradient boosting learn each task by itself from the "
            "same rows of train. It takes seconds to minutes on one processor, and is kept for all runs on these data."
        )
    )
    if st.button(t("Learn the baselines"), type="primary", key="baselines"):
        loaders.baselines().start(
            place.name,
            lambda on_progress, is_cancelled: learn_baselines(
                baseline, on_progress=on_progress, is_cancelled=is_cancelled
            ),
        )
        st.rerun()


def _row(score: BaselineScore, letters: Mapping[str, str]) -> dict[str, str]:
    method = _name(score)
    interval = "" if score.low is None else f" [{score.low:.4f}, {score.high:.4f}]"
    return {
        t("task"): task_label(score.task),
        t("learner"): method,
        t("AUC or RMSE"): t("undefined") if score.value is None else f"{score.value:.4f}{interval}",
        t("positives"): "–" if score.positives is None else f"{score.positives:,}",
        **{
            t("run {letter} less it", letter=letter): _against(score.gains[run_id]) if run_id in score.gains else "–"
            for run_id, letter in letters.items()
        },
    }


def _name(score: BaselineScore) -> str:
    if score.method == "boosting":
        return t("gradient boosting")
    return t("logistic regression") if score.measure == "auc" else t("ridge regression")


def _against(gain: TaskGain | None) -> str:
    if gain is None:
        return t("undefined")
    told = [verdicts.difference(gain), verdicts.verdict(gain)]
    if gain.rows_needed is not None:
        told.append(t("would take {needed} rows", needed=f"{gain.rows_needed:,}"))
    return " · ".join(told)


def _say(report: BaselineReport) -> None:
    """From how many rows they learnt, and what they could not read as it is."""
    told = [
        t(
            "Learnt from {rows} of {all} rows of train in {seconds} s.",
            rows=f"{report.learnt_rows:,}",
            all=f"{report.train_rows:,}",
            seconds=f"{report.seconds:.0f}",
        )
    ]
    if report.crowded_fields:
        fields = plain(", ".join(report.crowded_fields))
        told.append(t("Boosting reads all but the 254 most frequent ids as one in: {fields}.", fields=fields))
    if report.has_shared_columns:
        told.append(t("The linear model's ids share 262,144 columns by hashing."))
    st.caption(" ".join(told))
