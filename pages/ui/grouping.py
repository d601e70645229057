"""Which of the compared runs belong together, by the seed or by any choice in which they differ; curves and means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import GroupDifference, group_difference, mean_curve
from mmoe_core.config import to_flat
from mmoe_core.runs import RunRow, comparable_tasks

from . import link, result_loaders
from .architecture_inputs import kind_label
from .language import t, task_label

__all__ = ["Groups", "curves", "pick", "table"]

Groups = Mapping[str, Sequence[str]]  # how a group is called → letters of its runs
_NONE, _SEED = "none", "seed"
_KIND, _SEED_PATH = "model.kind", "train.seed"
_KEY = "compare_by"
_MINUS = str.maketrans("-", "−")


def pick(runs: Mapping[str, RunRow]) -> Groups:
    """Groups of runs, the baseline's first; the address says by what."""
    flat = {letter: to_flat(row.config) for letter, row in runs.items()}
    options = {_NONE: t("each run by itself")}
    by_seed = _grouped({letter: str(_without_seed(choices)) for letter, choices in flat.items()})
    if len(by_seed) < len(runs):
        options[_SEED] = t("runs that differ by the seed only")
    for path in dict.fromkeys(path for choices in flat.values() for path in choices):
        values = {choices.get(path) for choices in flat.values()}
        if path != _SEED_PATH and 1 < len(values) < len(runs):
            options[path] = t("architecture") if path == _KIND else path
    if len(options) == 1:
        link.choose_grouping(None)
        return {letter: [letter] for letter in runs}
    asked = link.chosen_grouping()
    usual = asked if asked in options else _SEED if _SEED in options else _NONE
    if st.session_state.get(_KEY) not in options:
        st.session_state[_KEY] = usual
    by = st.selectbox(t("One line for"), list(options), format_func=options.__getitem__, key=_KEY)
    link.choose_grouping(by)
    if by == _NONE:
        return {letter: [letter] for letter in runs}
    if by == _SEED:
        return {", ".join(letters): letters for letters in by_seed.values()}
    found = _grouped({letter: str(choices.get(by, "–")) for letter, choices in flat.items()})
    return {f"{_named(by, value, runs, letters)}: {', '.join(letters)}": letters for value, letters in found.items()}


def _without_seed(choices: Mapping[str, str]) -> dict[str, str]:
    return {path: value for path, value in choices.items() if path != _SEED_PATH}


def _grouped(marks: Mapping[str, str]) -> dict[str, list[str]]:
    """Letters that have the same mark, in order."""
    groups: dict[str, list[str]] = {}
    for letter, mark in marks.items():
        groups.setdefault(mark, []).append(letter)
    return groups


def _named(by: str, value: str, runs: Mapping[str, RunRow], letters: Sequence[str]) -> str:
    return kind_label(runs[letters[0]].config.model.kind) if by == _KIND else value


def curves(runs: Mapping[str, RunRow], groups: Groups) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Validation of each group on the baseline's data, of the tasks that mean the same; and who stands for several."""
    _, baseline = next(iter(runs.items()))
    found = {name: [_curve(runs[letter], baseline) for letter in letters] for name, letters in groups.items()}
    return (
        {name: mean_curve(several) if len(several) > 1 else several[0] for name, several in found.items()},
        [name for name, several in found.items() if len(several) > 1],
    )


def _curve(row: RunRow, baseline: RunRow) -> pd.DataFrame:
    curve = result_loaders.validation(row)
    return curve[curve["task"].isin([task.name for task in comparable_tasks(row, baseline)])]


def table(runs: Mapping[str, RunRow], groups: Groups) -> list[dict[str, str]]:
    """Task by task the groups' test results; nothing where every group is one run."""
    if all(len(letters) < 2 for letters in groups.values()):
        return []
    _, baseline = next(iter(runs.items()))
    rows = []
    for task in baseline.schema.tasks if baseline.schema else ():
        first: list[float] = []
        for name, letters in groups.items():
            able = [runs[letter] for letter in letters if task in comparable_tasks(runs[letter], baseline)]
            values = [value for row in able if (value := _value(row, task.name)) is not None]
            if not values:
                continue
            found = group_difference(values, first) if first else None
            first = first or values
            rows.append({t("task"): task_label(task.name), t("runs"): name, **_told(values, found, task.kind)})
    return rows


def _value(row: RunRow, task: str) -> float | None:
    end = result_loaders.end(row)
    metrics = end.metrics[task] if end else None
    if metrics is None:
        return None
    return metrics.auc if metrics.kind == "binary" else metrics.rmse


def _told(values: Sequence[float], found: GroupDifference | None, kind: str) -> dict[str, str]:
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    mean = f"{math.fsum(values) / len(values):.4f}{spread}"
    return {
        t("trainings"): f"{len(values)}",
        t("mean ± sd, AUC or RMSE"): mean,
        t("difference"): "–" if found is None else _difference(found),
        t("verdict"): t("baseline") if found is None else _verdict(found, kind),
        t("trainings it would take"): f"{found.seeds_needed:,}" if found and found.seeds_needed else "–",
    }


def _difference(found: GroupDifference) -> str:
    interval = "" if found.low is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    return f"{found.difference:+.4f}{interval}".translate(_MINUS)


def _verdict(found: GroupDifference, kind: str) -> str:
    if found.low is None:
        return t("one training has no spread")
    if not found.is_distinguishable:
        return t("not distinguishable")
    return t("better") if (found.difference > 0) == (kind == "binary") else t("worse")
