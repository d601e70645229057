"""Tables as people read them: translated headings, numbers in few digits, a dash where a number has no meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from mmoe_core.data import Comparison, Description, FieldSummary, Histogram, LabelSummary, Mark
from mmoe_core.exports import PredictionColumn
from mmoe_core.runs import RunRow

from .language import expert_label, t, task_label, translate
from .spaces import in_space
from .summary import architecture_text

__all__ = ["cardinalities", "comparisons", "decided", "fields", "histograms", "labels", "marks", "predictions", "runs"]

Table = list[dict[str, str]]


def labels(description: Description) -> Table:
    """Per task and split: positives with their rate; of a regression, mean and standard deviation."""
    rows: dict[str, dict[str, str]] = {}
    for found in description.labels:
        rows.setdefault(found.task, {t("task"): in_space(found.task, found.label_space)})[t(found.split)] = _label_cell(
            found
        )
    return list(rows.values())


def _label_cell(found: LabelSummary) -> str:
    if found.positives is not None:
        return f"{found.positives:,} / {found.rows:,} = {_rate(found.positives, found.rows)}"
    return "–" if found.mean is None else f"{found.mean:.3g} ± {found.sd:.3g}"


def predictions(columns: Iterable[PredictionColumn]) -> Table:
    """One row per column of the Parquet file."""
    return [
        {
            t("column"): column.name,
            t("type"): column.dtype,
            t("task"): task_label(column.task),
            t("meaning"): t(column.meaning),
        }
        for column in columns
    ]


def fields(summaries: Iterable[FieldSummary]) -> Table:
    """One row per field."""
    return [
        {
            t("field"): field.name,
            t("meaning"): t(field.meaning),
            t("kind"): t(field.kind),
            t("distinct ids"): "–" if field.distinct is None else f"{field.distinct:,}",
            t("ids per row"): "–" if field.tokens is None else f"{field.tokens:.1f}",
            t("missing"): _percent(field.missing),
            t("unseen in train or rare"): _percent(field.rare),
            t("mean ± sd"): "–" if field.mean is None else f"{field.mean:.3g} ± {field.sd:.3g}",
        }
        for field in summaries
    ]


def cardinalities(summaries: Iterable[FieldSummary]) -> dict[str, int]:
    """Distinct ids of each id field."""
    return {field.name: field.distinct for field in summaries if field.distinct is not None}


def histograms(summaries: Iterable[FieldSummary]) -> dict[str, Histogram]:
    """The histogram of each value field."""
    return {field.name: field.histogram for field in summaries if field.histogram is not None}


def marks(checked: Iterable[Mark]) -> Table:
    """One row per quantity: what it should be, what it is, and how far off it may be."""
    return [
        {
            t("quantity"): translate(mark.quantity, mark.values),
            t("published or asked for"): _number(mark.target),
            t("simulated"): _number(mark.got),
            t("may differ by"): f"{mark.tolerance:.3g}",
            t("holds"): "✓" if mark.holds else t("no"),
        }
        for mark in checked
    ]


def comparisons(compared: Iterable[Comparison]) -> Table:
    """One row per published number."""
    return [
        {
            t("quantity"): translate(found.quantity, found.values),
            t("published"): _number(found.published),
            t("found here"): _number(found.found),
            t("agrees"): "✓" if found.agrees else t("no"),
        }
        for found in compared
    ]


def _number(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.5g}"


def decided(statistics: pd.DataFrame, untrained: pd.DataFrame) -> Table:
    """How decided each task's gate is, from `analysis.gate_statistics`; in brackets before training."""
    both = zip(statistics.iterrows(), untrained.iterrows(), strict=True)
    return [
        {
            t("reader"): expert_label(str(reader)),
            t("entropy per row, nats"): f"{now['entropy_nats']:.2f} ({then['entropy_nats']:.2f})",
            t("effective experts per row"): f"{now['effective_experts']:.2f} ({then['effective_experts']:.2f})",
            t("effective experts of the mean gate"): f"{now['effective_experts_overall']:.2f}"
            f" ({then['effective_experts_overall']:.2f})",
            t("largest mean weight"): f"{expert_label(now['top_expert'])} · {now['top_share']:.2f}"
            f" ({expert_label(then['top_expert'])} · {then['top_share']:.2f})",
        }
        for (reader, now), (_, then) in both
    ]


def runs(rows: Iterable[RunRow]) -> Table:
    """One row per run, newest first; branches below the run that they come from."""
    return [
        {
            t("run"): name,
            t("state"): t(row.state),
            t("dataset"): row.config.data.dataset_name,
            t("architecture"): architecture_text(row),
            t("steps"): f"{row.steps:,}",
        }
        for name, row in _tree(list(rows))
    ]


def _tree(rows: Sequence[RunRow]) -> Iterator[tuple[str, RunRow]]:
    """Each run with what it is called: a branch stands below its parent, farther right; alone, it names it."""
    names = {row.run_id: row.name or row.run_id for row in rows}

    def below(row: RunRow, depth: int) -> Iterator[tuple[str, RunRow]]:
        name, step = names[row.run_id], f"{row.parent_step or 0:,}"
        if depth:
            name = "\u2003" * (depth - 1) + t("↳ {run}, from step {step}", run=name, step=step)
        elif row.parent_run_id is not None:
            name = t("↳ {run}, from step {step} of {parent}", run=name, step=step, parent=row.parent_run_id)
        yield name, row
        for other in rows:
            if other.parent_run_id == row.run_id:
                yield from below(other, depth + 1)

    for row in rows:
        if row.parent_run_id not in names:
            yield from below(row, 0)


def _rate(positives: int, rows: int) -> str:
    return f"{positives / rows:.3%}" if rows else "–"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
