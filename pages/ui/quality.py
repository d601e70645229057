"""How good a run is, in numbers: one row per measure with its meaning, one column per task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from mmoe_core.metrics import average_precision_interval
from mmoe_core.records import EndRecord, TaskMetrics
from mmoe_core.runs import RunRow

from .language import mark, t, task_label
from .spaces import in_space, task_in_space

__all__ = ["show"]

Cell = Callable[[TaskMetrics], str | None]

_NAME, _CELL, _SENTENCE = 140, 180, 720  # px


@dataclass(frozen=True)
class _Measure:
    """A row of the table; its cell is None where the measure means nothing."""

    title: str
    meaning: str
    cell: Cell


def _binary(cell: Cell) -> Cell:
    return lambda found: cell(found) if found.kind == "binary" else None


def _number(name: str) -> Cell:
    """A measure of either kind, as it is."""
    return lambda found: _digits(getattr(found, name))


def _of_binary(name: str) -> Cell:
    """A measure of binary tasks, undefined where there is one class only."""
    return _binary(lambda found: _defined(found, _digits(getattr(found, name))))


def _digits(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}".replace("-", "−")


def _defined(found: TaskMetrics, said: str | None) -> str | None:
    """What is undefined says so; what was never looked at, in a run of an earlier version, has a dash."""
    is_of_earlier = found.brier is None and found.loss is not None
    return t("undefined") if said is None and not is_of_earlier else said


def _with_interval(value: float | None, low: float | None, high: float | None) -> str | None:
    return None if value is None or low is None or high is None else f"{value:.4f} [{low:.4f}, {high:.4f}]"


def _auc(found: TaskMetrics) -> str:
    return _with_interval(found.auc, found.auc_low, found.auc_high) or t("undefined")


def _gauc(found: TaskMetrics) -> str | None:
    if found.gauc_users is None:
        return None
    return _with_interval(found.gauc, found.gauc_low, found.gauc_high) or t("undefined")


def _gauc_over(found: TaskMetrics) -> str | None:
    if found.gauc_users is None:
        return None
    return t("{users} users, {rows} rows", users=f"{found.gauc_users:,}", rows=f"{found.gauc_rows:,}")


def _pr_auc(found: TaskMetrics) -> str | None:
    if found.pr_auc is None or found.positives is None:
        return _defined(found, None)
    low, high = average_precision_interval(found.pr_auc, found.positives)
    return _with_interval(found.pr_auc, low, high)


def _share(found: TaskMetrics) -> str | None:
    return f"{found.positives / found.rows:.3%}" if found.positives is not None and found.rows else None


def _positives(found: TaskMetrics) -> str | None:
    return None if found.positives is None else f"{found.positives:,}"


_measures = (
    _Measure(mark("test rows"), mark("on which the task was observed"), lambda found: f"{found.rows:,}"),
    _Measure(
        mark("positives"), mark("rows where it happened; every AUC is only as sure as these are many"), _positives
    ),
    _Measure(mark("share of positives"), mark("positives over rows"), _share),
    _Measure(
        "AUC",
        mark("chance that a positive row is scored above a negative one; 0.5 is a coin; 95 % DeLong interval"),
        _binary(_auc),
    ),
    _Measure(
        mark("expected AUC"),
        mark("the same over the simulator's true probabilities instead of the labels drawn from them: luck left out"),
        _number("expected_auc"),
    ),
    _Measure(
        mark("best possible AUC"), mark("what the true probabilities themselves would reach"), _number("oracle_auc")
    ),
    _Measure(
        "GAUC",
        mark(
            "AUC among each user's own rows, averaged by rows; only users with both classes; 95 % interval over users"
        ),
        _binary(_gauc),
    ),
    _Measure(mark("GAUC rests on"), mark("users that train knows and that have both classes"), _binary(_gauc_over)),
    _Measure(
        "PR-AUC",
        mark("average precision; a random order reaches the share of positives; 95 % interval"),
        _binary(_pr_auc),
    ),
    _Measure(
        mark("log loss"),
        mark("mean surprise per row in nats; less is better"),
        _of_binary("loss"),
    ),
    _Measure(
        mark("normalised entropy"),
        mark("log loss over that of always saying the share of positives; below 1 is better than saying just this"),
        _of_binary("normalised_entropy"),
    ),
    _Measure(
        mark("Brier score"), mark("mean squared distance of probability and label; less is better"), _of_binary("brier")
    ),
    _Measure(
        mark("calibration error"),
        mark("ECE: mean distance between the probability given and the share that came true, over tenths of the rows"),
        _of_binary("ece"),
    ),
    _Measure("RMSE", mark("root mean squared error, in the unit of the label as it is learnt"), _number("rmse")),
    _Measure("MAE", mark("mean absolute error, in the same unit"), _number("mae")),
    _Measure("R²", mark("share of the label's variance that is explained; 0 is always saying the mean"), _number("r2")),
)


def show(run: RunRow, end: EndRecord) -> None:
    """Every measure that some task has, with what it means; a column per task, and per factor of ESMM's product."""
    spaces = task_in_space(run.schema.tasks, run.config.model) if run.schema else {}
    judged = [(spaces.get(task, task_label(task)), found) for task, found in end.metrics.items()]
    judged += [(in_space(task, "cvr"), found) for task, found in end.cvr_metrics.items()]
    measure, meaning = t("measure"), t("meaning")
    titles = _distinct([title for title, _ in judged], (measure, meaning))
    table = []
    for one in _measures:
        cells = [one.cell(found) for _, found in judged]
        if any(cell is not None for cell in cells):
            row = {title: cell or "–" for title, cell in zip(titles, cells, strict=True)}
            table.append({measure: t(one.title), **row, meaning: t(one.meaning)})
    columns = {
        measure: st.column_config.TextColumn(pinned=True, width=_NAME),
        **{title: st.column_config.TextColumn(width=_CELL) for title in titles},
        meaning: st.column_config.TextColumn(width=_SENTENCE),
    }
    st.dataframe(table, hide_index=True, column_config=columns, height="content")


def _distinct(titles: Sequence[str], taken: Sequence[str]) -> list[str]:
    """A task may be called as another column is; then it is told apart by a space that nobody sees."""
    found: list[str] = []
    for title in titles:
        while title in (*taken, *found):
            title += "\u200b"
        found.append(title)
    return found
