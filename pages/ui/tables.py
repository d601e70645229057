"""Tables as people read them: translated headings, numbers in few digits, a dash where a number has no meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from mmoe_core.data import Dataset, FieldSummary, SplitName
from mmoe_core.runs import RunRow

from .language import t, task_label

__all__ = ["cardinalities", "decided", "fields", "labels", "runs"]

Table = list[dict[str, str]]
Moments = Mapping[tuple[str, str], tuple[float, float]]  # (split, task) → mean and standard deviation


def labels(dataset: Dataset, moments: Moments) -> Table:
    """Per task and split: positives with their rate; of a regression, mean and standard deviation."""
    return [
        {t("task"): task_label(task)}
        | {t(split): _label_cell(dataset, moments, task, split) for split in dataset.manifest.rows}
        for task in dataset.schema.task_names
    ]


def _label_cell(dataset: Dataset, moments: Moments, task: str, split: SplitName) -> str:
    rows, positives = dataset.manifest.rows[split], dataset.manifest.positives[split]
    if task in positives:
        return f"{positives[task]:,} / {rows:,} = {_rate(positives[task], rows)}"
    if (split, task) not in moments:
        return "–"
    mean, sd = moments[split, task]
    return f"{mean:.3g} ± {sd:.3g}"


def fields(summaries: Iterable[FieldSummary]) -> Table:
    """One row per field."""
    return [
        {
            t("field"): field.name,
            t("meaning"): t(field.meaning),
            t("kind"): t(field.kind),
            t("distinct ids"): "–" if field.distinct is None else f"{field.distinct:,}",
            t("missing"): _percent(field.missing),
            t("unseen in train or rare"): _percent(field.rare),
            t("mean ± sd"): "–" if field.mean is None else f"{field.mean:.3g} ± {field.sd:.3g}",
        }
        for field in summaries
    ]


def cardinalities(summaries: Iterable[FieldSummary]) -> dict[str, int]:
    """Distinct ids of each id field."""
    return {field.name: field.distinct for field in summaries if field.distinct is not None}


def decided(statistics: pd.DataFrame) -> Table:
    """How decided each task's gate is, from `analysis.gate_statistics`."""
    return [
        {
            t("task"): task_label(str(reader)),
            t("entropy per row, nats"): f"{found['entropy_nats']:.2f}",
            t("effective experts per row"): f"{found['effective_experts']:.2f}",
            t("effective experts of the mean gate"): f"{found['effective_experts_overall']:.2f}",
            t("largest mean weight"): f"{found['top_expert']} · {found['top_share']:.2f}",
        }
        for reader, found in statistics.iterrows()
    ]


def runs(rows: Iterable[RunRow]) -> Table:
    """One row per run, newest first."""
    return [
        {
            t("run"): row.name or row.run_id,
            t("state"): t(row.state),
            t("dataset"): row.config.data.dataset_name,
            t("architecture"): f"{row.config.model.kind} · {row.config.model.num_experts}",
            t("steps"): f"{row.steps:,}",
        }
        for row in rows
    ]


def _rate(positives: int, rows: int) -> str:
    return f"{positives / rows:.3%}" if rows else "–"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
