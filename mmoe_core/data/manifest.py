"""What is known about a prepared dataset beside its columns: counts, origin, checksums, warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, get_args

from ..config import DataConfig, Frozen

__all__ = [
    "SPLITS",
    "VOCABULARIES",
    "Comparison",
    "DataWarning",
    "Dropped",
    "Manifest",
    "Scaling",
    "SplitName",
    "Vocabulary",
]

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)
Vocabulary = Literal["learnt", "as_given"]
VOCABULARIES: tuple[Vocabulary, ...] = get_args(Vocabulary)


class DataWarning(Frozen):
    """A sentence that belongs beside every number from this dataset: a template and what stands in its places."""

    template: str
    values: Mapping[str, str | int | float] = {}

    def __str__(self) -> str:
        return self.template.format(**self.values)


class Dropped(Frozen):
    """Rows that were left out, and why."""

    reason: str
    rows: int


class Comparison(Frozen):
    """A number that is published for a source, and what was counted here."""

    quantity: str  # a template, the key of its translation
    values: Mapping[str, str | int] = {}  # what stands in the template's places
    published: float
    found: float
    agrees: bool
    is_share: bool = False  # between 0 and 1

    def __str__(self) -> str:
        return self.quantity.format(**self.values)


class Scaling(Frozen):
    """How a value became what the network sees: (log(1 + v) or v, minus shift) / scale; fitted on train only."""

    is_log: bool = False
    shift: float = 0.0
    scale: float = 1.0

    def raw(self, scaled: float) -> float:
        """The value as the source had it."""
        value = scaled * self.scale + self.shift
        return math.expm1(value) if self.is_log else value


class Manifest(Frozen):
    """The dataset's birth certificate, `manifest.json`."""

    source: str  # one sentence: where the rows come from
    created: str  # UTC, ISO 8601
    rows: Mapping[SplitName, int]
    positives: Mapping[SplitName, Mapping[str, int]]  # per binary task; observed rows with label 1
    checksums: Mapping[str, str]  # file name -> sha256
    config: DataConfig | None = None  # the dials that made it; None for an import
    source_checksums: Mapping[str, str] = {}  # file name -> sha256 of what was imported
    segments: tuple[str, ...] = ()  # names of the mechanisms, where a simulator knows them
    scaling: Mapping[str, Scaling] = {}
    vocabulary: Vocabulary = "learnt"  # of train; as_given: ids are their own places, up to the largest of all splits
    dropped: tuple[Dropped, ...] = ()
    warnings: tuple[DataWarning, ...] = ()
    comparisons: tuple[Comparison, ...] = ()  # with what is published about the source
    verdict: DataWarning | None = None  # what the comparisons come to, as a sentence

    def notes(self, batch_size: int = 1) -> tuple[DataWarning, ...]:
        """All that must not be overlooked: the warnings, what was left out, and a batch that train cannot fill."""
        found = list(self.warnings)
        for dropped in self.dropped:
            left_out: dict[str, str | int | float] = {"rows": dropped.rows, "reason": dropped.reason}
            found.append(DataWarning(template="{rows:,} rows were left out: {reason}", values=left_out))
        if self.rows["train"] < batch_size:
            found.append(
                DataWarning(
                    template="Train has {rows:,} rows, fewer than a batch of {batch:,}: every epoch is one step.",
                    values={"rows": self.rows["train"], "batch": batch_size},
                )
            )
        return tuple(found)
