"""Tables as people read them: translated headings, numbers in few digits, a dash where a number has no meaning."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from mmoe_core.data import Dataset, FieldSummary
from mmoe_core.runs import RunRow

from .language import t, task_label

__all__ = ["cardinalities", "decided", "fields", "labels", "runs"]

Table = list[dict[str, str]]


def labels(dataset: Dataset) -> Table:
    """Positives of each task per split, with the rate."""
    manifest = dataset.manifest
    return [
        {t("task"): task_label(task)}
        | {
            t(split): f"{positives[task]:,} / {manifest.rows[split]:,} = {_rate(positives[task], manifest.rows[split])}"
            for split, positives in manifest.positives.items()
            if task in positives
        }
        for task in dataset.schema.task_names
    ]


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
