"""What the Clinic page asks and says: the verdict with its evidence, remedies to start, before and after."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from mmoe_core.analysis.clinic import FAULTS, REMEDIES, Diagnosis, Evidence, Finding, Remedy, check_frame, remedies
from mmoe_core.config import from_flat, to_flat
from mmoe_core.errors import LabError
from mmoe_core.metrics import exact_interval
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import RunRow, branch, branch_points, evidence, is_on_same_data, submit

from . import gate_inputs, loaders, result_loaders, study_loaders
from .language import expert_label, language, mark, plain, t, task_label, translate_error, translate_markdown

__all__ = [
    "compare_aucs",
    "evidence_of",
    "measured",
    "names",
    "offer",
    "pick_before",
    "say",
    "say_alarms",
    "say_started",
    "who",
]

_BEFORE = "clinic_before"  # the run that a remedy was started from

_measures = {
    "starved_task": mark("least share of the gradient"),
    "dead_relus": mark("largest share of dead ReLUs in a layer"),
    "twin_experts": mark("least difference of two experts"),
    "constant_gate": mark("least spread of a gate's logits"),
    "polarised_gate": mark("largest mean gate weight"),
    "uniform_gate": mark("largest entropy of a gate"),
}
_ways = {"branch": mark("as a branch"), "anew": mark("as a new run of the same seed")}


def evidence_of(run: RunRow) -> tuple[Evidence | None, LabError | None]:
    """All that is known of a run's health, or why it cannot be examined."""
    try:
        with st.spinner(t("Examining the run …")):
            return evidence(run.run_id, store=loaders.store()), None
    except LabError as error:
        return None, error


def measured(of: Mapping[str, Evidence | None]) -> dict[str, pd.DataFrame]:
    """The deciding numbers of each run that could be examined."""
    return {name: check_frame(found) for name, found in of.items() if found is not None}


def names() -> dict[str, str]:
    """What the deciding numbers are called."""
    return {code: t(name) for code, name in _measures.items()}


def say(diagnosis: Diagnosis) -> None:
    """The verdict first, what follows from it, what else was found; of a healthy run what was looked for."""
    if diagnosis.verdict is None:
        looked_for = " · ".join(t(FAULTS[code].title) for code in diagnosis.checked)
        st.markdown(f":green[**{t('Nothing was found: this run is healthy.')}**]")
        st.caption(t("Looked for: {faults}", faults=looked_for))
        return
    st.markdown(f":red[**{t(diagnosis.verdict.fault.title)}**]")
    _say(diagnosis.verdict)
    for heading, findings in (
        (t("What follows from it"), diagnosis.consequences),
        (t("Also found, with a cause of its own"), diagnosis.others),
    ):
        if findings:
            st.markdown(f"**{heading}**")
        for finding in findings:
            st.markdown(f":orange[{t(finding.fault.title)}]")
            _say(finding)


def _say(finding: Finding) -> None:
    separator = "、" if language() == "zh" else ", "
    values = dict(finding.values)
    if "names" in values:
        values["names"] = separator.join(map(expert_label, str(values["names"]).split(", ")))
    st.markdown(translate_markdown(finding.fault.template, values))
    st.caption(t(finding.fault.meaning))


def offer(run: RunRow, diagnosis: Diagnosis) -> None:
    """Each remedy of the verdict, one click from a run that tries it."""
    if diagnosis.verdict is None:
        return
    points = _points(run)
    at = 0
    if len(points) > 1:
        at = st.select_slider(t("Branch from step"), points, value=points[0], format_func=lambda step: f"{step:,}")
    st.caption(t("A branch goes on with the weights of that step; 0 has the initial ones of the same seed."))
    for remedy in remedies(diagnosis.verdict, run.config):
        if remedy.way == "branch" and not points:
            continue
        changes = " · ".join(f"`{path} = {value}`" for path, value in remedy.changes.items())
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                " · ".join(filter(None, (t(REMEDIES[remedy.code]), changes, t(_ways[remedy.way])))), width="stretch"
            )
            if st.button(t("Start it"), key=f"remedy_{remedy.code}", disabled=run.is_live):
                _start(run, remedy, at)


def _points(run: RunRow) -> list[int]:
    try:
        return [point.step for point in branch_points(run.run_id, store=loaders.store())]
    except LabError:
        return []


def _start(run: RunRow, remedy: Remedy, at: int) -> None:
    name = t(REMEDIES[remedy.code])
    try:
        if remedy.way == "branch":
            started = branch(run.run_id, at, remedy.changes, name, store=loaders.store())
        else:
            started = submit(from_flat({**to_flat(run.config), **remedy.changes}), name, store=loaders.store())
    except LabError as error:
        st.error(translate_error(error))
        return
    st.session_state[_BEFORE] = {**st.session_state.get(_BEFORE, {}), started.run_id: run.run_id}
    st.rerun()


def say_started(run: RunRow) -> None:
    """The runs that a remedy was started in from here: still training, or there to be looked at."""
    for run_id, before in st.session_state.get(_BEFORE, {}).items():
        started, _ = loaders.run(run_id) if before == run.run_id else (None, None)
        if started is None:
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(who(started)) + " · " + t(started.state), width="stretch")
            if started.is_live:
                st.button(t("Look again"), key=f"again_{run_id}")
            elif started.steps:
                st.button(t("See before and after"), key=f"after_{run_id}", on_click=gate_inputs.show, args=(run_id,))


def pick_before(run: RunRow) -> RunRow | None:
    """What a run is set beside: whose remedy it is, or another run of the same data and seed that has ended."""
    rows = loaders.store().rows(limit=gate_inputs.MOST_RUNS)
    by_id = {
        row.run_id: row
        for row in rows
        if row.run_id != run.run_id and is_on_same_data(row, run) and row.config.train.seed == run.config.train.seed
    }
    if run.steps == 0 or not by_id:
        return None
    first = st.session_state.get(_BEFORE, {}).get(run.run_id, run.parent_run_id)
    index = list(by_id).index(first) if first in by_id else None
    chosen = st.selectbox(
        t("Before"), list(by_id), index=index, format_func=lambda run_id: who(by_id[run_id]), key=f"before_{run.run_id}"
    )
    return None if chosen is None else by_id[chosen]


def who(run: RunRow) -> str:
    """A run's name for the eye."""
    return f"{run.name or run.config.data.dataset_name} · {run.run_id}"


def compare_aucs(before: RunRow, after: RunRow) -> list[dict[str, str]]:
    """Test AUC or RMSE of both, task by task."""
    ends = {name: result_loaders.end(run) for name, run in ((t("Before"), before), (t("After"), after))}
    tasks = after.schema.task_names if after.schema else ()
    return [
        {t("task"): task_label(task)}
        | {name: _value(end.metrics.get(task)) if end else t("not tested yet") for name, end in ends.items()}
        for task in tasks
    ]


def _value(metrics: TaskMetrics | None) -> str:
    value = None if metrics is None else metrics.auc if metrics.kind == "binary" else metrics.rmse
    if metrics is None or value is None:
        return t("undefined")
    if metrics.auc_low is None:
        return f"{value:.4f}"
    positives = t("{count} positives", count=f"{metrics.positives:,}")
    return f"{value:.4f} [{metrics.auc_low:.4f}, {metrics.auc_high:.4f}] · {positives}"


def say_alarms() -> None:
    """How often the clinic is wrong about clean runs."""
    study, error = study_loaders.alarms()
    if error:
        st.info(translate_error(error))
    if study is None:
        return
    low, high = exact_interval(len(study.alarmed), len(study.runs))
    st.markdown(
        t(
            "{alarmed} of {count} small runs in which nothing was planted raised an alarm: {share} "
            "(exact 95 % interval {low} to {high}; the goal is at most 5 %).",
            alarmed=len(study.alarmed),
            count=len(study.runs),
            share=f"{len(study.alarmed) / len(study.runs):.1%}",
            low=f"{low:.2%}",
            high=f"{high:.2%}",
        )
    )
    st.caption(f"`{study.command}`")
