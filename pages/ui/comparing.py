"""What the Compare page asks and says: which runs, who they are, and task by task what the test can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

import streamlit as st

from mmoe_core.config import sizes, to_flat
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import Refusal, RunRow, TaskComparison, is_on_same_data

from . import gate_inputs, link, loaders, result_loaders, verdicts
from .language import t, task_label, translate_error
from .summary import architecture_text

__all__ = ["introduce", "lettered", "measures", "pick", "say_refusals", "table"]

MOST = 8  # runs beside each other
_USUAL = 4  # of them, until somebody chooses
_MOST_CHOICES = 4  # that are named where two runs differ
_RUNS, _BASELINE = "compare_runs", "compare_baseline"
_NONE = "–"

Table = list[dict[str, str]]


def pick(rows: Sequence[RunRow]) -> list[RunRow]:
    """Up to eight runs, the baseline first; the address names them, else the newest one and others on its data."""
    by_id = {row.run_id: row for row in rows if row.steps > 0 and row.schema is not None}
    named = link.chosen_runs()
    for run_id in named:
        row, error = loaders.run(run_id)
        if error:
            st.caption(f":orange[{translate_error(error)}]")
        elif row and row.schema is not None:
            by_id[run_id] = row
    first = [run_id for run_id in named if run_id in by_id]
    if len(first) < 2:
        first = _usual(by_id, first)
    if len(by_id) < 2:
        return []
    st.session_state.setdefault(_RUNS, first[:MOST])
    st.session_state[_RUNS] = [run_id for run_id in st.session_state[_RUNS] if run_id in by_id]
    names = gate_inputs.told_apart({run_id: _title(row) for run_id, row in by_id.items()})
    if len(first) > MOST:
        st.caption(t("The address names {count} runs; the first {most} are here.", count=len(first), most=MOST))
    chosen = st.multiselect(
        t("Runs"), list(by_id), format_func=names.__getitem__, max_selections=MOST, key=_RUNS, placeholder=t("Runs")
    )
    if len(chosen) < 2:
        link.choose_runs(chosen)
        return []
    if st.session_state.get(_BASELINE) not in chosen:
        st.session_state[_BASELINE] = chosen[0]
    baseline = st.selectbox(t("Baseline"), chosen, format_func=names.__getitem__, key=_BASELINE)
    ordered = [baseline, *(run_id for run_id in chosen if run_id != baseline)]
    link.choose_runs(ordered)
    return [by_id[run_id] for run_id in ordered]


def _title(row: RunRow) -> str:
    """What differs stands first: a narrow screen shows no more."""
    name = row.name or row.config.data.dataset_name
    return f"{architecture_text(row)} · {t('seed')} {row.config.train.seed} · {name} · {row.created_at:%m-%d %H:%M} UTC"


def _usual(by_id: Mapping[str, RunRow], first: Sequence[str]) -> list[str]:
    """A run, the newest one unless it is given, and others on its data; those that have ended, where there are any."""
    ended = [row for row in by_id.values() if row.state in ("finished", "stopped")] or list(by_id.values())
    around = [by_id[run_id] for run_id in first] or ended[:1]
    beside = [row for row in ended if row.run_id not in first and is_on_same_data(row, around[0])]
    return list(dict.fromkeys(row.run_id for row in (*around, *beside)))[:_USUAL]


def lettered(chosen: Sequence[RunRow]) -> dict[str, RunRow]:
    """A letter per run, A for the baseline."""
    return dict(zip(ascii_uppercase, chosen, strict=False))


def introduce(runs: Mapping[str, RunRow]) -> None:
    """Who the letters are, and in which choices they differ from the baseline."""
    _, baseline = next(iter(runs.items()))
    st.dataframe(
        [
            {
                t("letter"): letter,
                t("architecture"): architecture_text(row),
                t("parameters"): f"{sizes(row.config.model, row.schema).total:,}" if row.schema else _NONE,
                t("seed"): f"{row.config.train.seed}",
                t("differs from the baseline in"): _choices(row, baseline),
                t("run"): row.name or row.config.data.dataset_name,
                t("state"): t(row.state),
                "id": row.run_id,
            }
            for letter, row in runs.items()
        ],
        hide_index=True,
        height="content",
    )


def _choices(row: RunRow, baseline: RunRow) -> str:
    """By their paths; of another architecture its kind stands for all that only it has."""
    mine, others = to_flat(row.config), to_flat(baseline.config)
    differ = [path for path in mine if path in others and mine[path] != others[path]]
    told = [f"{path} = {mine[path]}" for path in differ[:_MOST_CHOICES]]
    return (", ".join(told) or _NONE) + (" …" if len(differ) > _MOST_CHOICES else "")


def measures(baseline: RunRow) -> dict[str, str]:
    """What each of its tasks is judged by."""
    tasks = baseline.schema.tasks if baseline.schema else ()
    return {task.name: "AUC" if task.kind == "binary" else "RMSE" for task in tasks}


def table(runs: Mapping[str, RunRow], found: Sequence[TaskComparison]) -> Table:
    """Task by task: the baseline, then every run that was tested on the same rows."""
    letters = {row.run_id: letter for letter, row in runs.items()}
    letter, baseline = next(iter(runs.items()))
    end = result_loaders.end(baseline)
    rows = []
    for task, metrics in end.metrics.items() if end else ():
        gain = _over_singles(baseline, task)
        rows.append(_row(task, letter, metrics, (_NONE, _NONE, _NONE, t("baseline"), _NONE), gain))
        rows += [_compared(runs, letters[one.run_id], one, metrics) for one in found if one.task == task]
    return rows


def _compared(runs: Mapping[str, RunRow], letter: str, one: TaskComparison, of_baseline: TaskMetrics) -> dict[str, str]:
    end = result_loaders.end(runs[letter])
    gain, its = one.gain, _measured(of_baseline)
    told = (_NONE, _NONE, t("undefined"), _NONE)
    if gain:
        told = (
            verdicts.difference(gain),
            verdicts.p_value(gain),
            verdicts.verdict(gain),
            verdicts.rows_needed(gain),
        )
    baseline = t("undefined") if its is None else f"{its:.4f}"
    over_singles = _over_singles(runs[letter], one.task)
    return _row(one.task, letter, end.metrics[one.task] if end else None, (baseline, *told), over_singles)


def _over_singles(row: RunRow, task: str) -> str:
    """The task's gain over the single-task networks that there are."""
    singles = result_loaders.singles(row) if row.config.model.kind != "single" else []
    gains, _ = result_loaders.gains(row, singles) if singles else ({}, None)
    gain = gains.get(task)
    if gain is None:
        return _NONE
    interval = "" if gain.interval is None else f" [{gain.interval[0]:+.2%}, {gain.interval[1]:+.2%}]"
    return f"{gain.gain:+.2%}{interval}".replace("-", "−")


def _row(
    task: str, letter: str, metrics: TaskMetrics | None, against: tuple[str, str, str, str, str], gain: str
) -> dict[str, str]:
    """A run's own numbers, those against the baseline, and what learning together has brought."""
    columns = (t("baseline"), t("difference"), t("p"), t("verdict"), t("rows it would take"))
    return {
        t("task"): task_label(task),
        t("run"): letter,
        t("AUC or RMSE"): _value(metrics),
        t("positives"): _NONE if metrics is None or metrics.positives is None else f"{metrics.positives:,}",
        **dict(zip(columns, against, strict=True)),
        t("gain over single-task networks"): gain,
    }


def _measured(metrics: TaskMetrics) -> float | None:
    return metrics.auc if metrics.kind == "binary" else metrics.rmse


def _value(metrics: TaskMetrics | None) -> str:
    value = None if metrics is None else _measured(metrics)
    if metrics is None or value is None:
        return t("undefined")
    interval = "" if metrics.auc_low is None else f" [{metrics.auc_low:.4f}, {metrics.auc_high:.4f}]"
    return f"{value:.4f}{interval}"


def say_refusals(runs: Mapping[str, RunRow], refused: Sequence[Refusal]) -> None:
    """Who is not in the table, and why."""
    letters = {row.run_id: letter for letter, row in runs.items()}
    for one in refused:
        st.caption(f":orange[**{letters[one.run_id]}** – {translate_error(one.reason)}]")
