"""What the labels say about themselves. They are counted on every row, a block at a time.

Shape suffixes in this file:
    B rows of a block
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...config import Schema
from ...metrics import auc_standard_error, rows_to_see
from ..dataset import Dataset
from ..manifest import SPLITS, SplitName
from ..rows import Split
from .findings import Finding

__all__ = ["find_in_labels"]

_ROWS_AT_ONCE = 1_000_000
_AUC = 0.6  # near the largest standard error, hence the cautious one; and common in click logs
_DIFFERENCE = 0.01
_RATIO = 1.3
_STANDARD_ERRORS = 6.0
_FOLLOWS_BY_NAME = {"purchase", "buy", "conversion"}  # tasks of tables that do not say in which space a label lives


@dataclass
class _Count:
    """Of one task in one split; over the rows on which it was observed, but `without_click` over all."""

    positives: int = 0
    negatives: int = 0
    odd: int = 0
    without_click: int = 0

    @property
    def rows(self) -> int:
        return self.positives + self.negatives + self.odd

    @property
    def rate(self) -> float:
        return self.positives / max(1, self.rows)


def find_in_labels(dataset: Dataset) -> Iterator[Finding]:
    """Labels that cannot be, labels of one class only, rates that jump; and how exactly an AUC can be known."""
    schema = dataset.schema
    counts = {split: _counted(dataset.split(split), schema) for split in SPLITS}
    before = _click(schema)
    for task in (task.name for task in schema.tasks if task.kind == "binary"):
        for split in SPLITS:
            yield from _faults(task, split, counts[split][task], before)
        for split in SPLITS[1:]:
            yield from _jumps(task, split, counts["train"][task], counts[split][task])
        for split in SPLITS:
            yield from _precision(task, split, counts[split][task])
        yield from _rows_needed(task, counts["test"][task])


def _counted(rows: Split, schema: Schema) -> Mapping[str, _Count]:
    binary = {index: task.name for index, task in enumerate(schema.tasks) if task.kind == "binary"}
    counts = {name: _Count() for name in binary.values()}
    click = _click(schema)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        labels, observed = rows.labels_NT[block], rows.observed_NT[block]
        for index, name in binary.items():
            labels_B, observed_B = labels[:, index], observed[:, index]
            count = counts[name]
            positives, negatives = int((observed_B & (labels_B == 1)).sum()), int((observed_B & (labels_B == 0)).sum())
            count.positives += positives
            count.negatives += negatives
            count.odd += int(observed_B.sum()) - positives - negatives
            if click is not None and _follows(schema, index):
                count.without_click += int(((labels_B == 1) & (labels[:, schema.task_names.index(click)] != 1)).sum())
    return counts


def _click(schema: Schema) -> str | None:
    """The task that others can only follow."""
    named = [task.name for task in schema.tasks if task.label_space == "ctr" or task.name == "click"]
    return named[0] if named else None


def _follows(schema: Schema, index: int) -> bool:
    task = schema.tasks[index]
    return task.label_space in {"ctcvr", "cvr"} or task.observed_if == "click" or task.name in _FOLLOWS_BY_NAME


def _faults(task: str, split: SplitName, count: _Count, click: str | None) -> Iterator[Finding]:
    if count.odd:
        yield Finding.of("odd_labels", task=task, split=split, rows=count.odd)
    elif count.rows and count.positives in {0, count.rows}:
        yield Finding.of("one_class", task=task, split=split, label=int(count.positives > 0))
    if count.without_click:
        yield Finding.of("without_click", task=task, split=split, rows=count.without_click, before=click or "")


def _jumps(task: str, split: SplitName, train: _Count, other: _Count) -> Iterator[Finding]:
    if not (train.positives and other.positives):
        return
    pooled = (train.positives + other.positives) / (train.rows + other.rows)
    error = math.sqrt(pooled * (1 - pooled) * (1 / train.rows + 1 / other.rows))
    ratio = max(train.rate / other.rate, other.rate / train.rate)
    if ratio > _RATIO and abs(train.rate - other.rate) > _STANDARD_ERRORS * error:
        yield Finding.of("rates_differ", task=task, split=split, share=train.rate, other_share=other.rate)


def _precision(task: str, split: SplitName, count: _Count) -> Iterator[Finding]:
    error = auc_standard_error(_AUC, count.positives, count.negatives)
    if error is not None:
        yield Finding.of(
            "precision", task=task, split=split, positives=count.positives, rows=count.rows, auc=_AUC, error=error
        )


def _rows_needed(task: str, test: _Count) -> Iterator[Finding]:
    rows = rows_to_see(_DIFFERENCE, _AUC, test.rate)
    if rows is not None:
        yield Finding.of(
            "rows_needed", task=task, split="test", rows=rows, rows_there=test.rows, difference=_DIFFERENCE
        )
