"""The rows of a table as its mapping reads them, each with its split; the same rows at every reading.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ..hashing import text_keys, uniform
from ..progress import OnShare
from .cells import to_labels, to_numbers, to_texts, to_times
from .faults import Fault, Faults
from .mapping import LabelColumn, TableMapping
from .opening import TableFile
from .reading import Ragged, read_batches

__all__ = ["Rows", "TableRows"]

_LARGEST = 1e30  # beyond, sums of squares are no numbers any more
_SAMPLED_TIMES = 1 << 20  # of which the cuts between splits are quantiles
_ROW_SALT = 1  # so that a row's own hash is not its user's


@dataclass(frozen=True)
class Rows:
    """Clean rows.

    Attributes:
        ids: Texts per id field, null = missing.
        values: float64 per value field, NaN = missing; already ln(1 + v) where so mapped.
        labels: float64 per label, NaN = not observed.
        split_N: 0 train, 1 validation, 2 test.
        num_contradictions: Per label, rows that have it although the label it depends on is 0.
    """

    ids: dict[str, pa.Array]
    values: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    split_N: np.ndarray
    num_contradictions: dict[str, int]


class TableRows:
    """A table read through a mapping.

    Args:
        file: What `open_table` found.
        mapping: Whose columns are in the file.

    Attributes:
        num_ragged: Rows with another number of cells than the header, at the last reading.
        num_bad: Rows with a bad cell, at the last reading.
    """

    def __init__(self, file: TableFile, mapping: TableMapping) -> None:
        self.file = file
        self.mapping = mapping
        self.num_ragged = 0
        self.num_bad = 0
        self._cuts = np.cumsum(mapping.shares)[:-1]

    def cut_by_time(self, on_progress: OnShare | None = None) -> None:
        """Find the moments between the splits, so that each gets its share of the rows; needed before reading."""
        if self.mapping.split != "time" or self.mapping.time is None:
            return
        kept, keys, rate, start = np.empty(0), np.empty(0), 1.0, 0
        for batch in read_batches(self.file, [self.mapping.time], Ragged(), on_progress):
            times = to_times(batch[0])
            key_N = uniform(np.arange(start, start + len(batch)), self.mapping.seed)
            start += len(batch)
            is_kept_N = ~(times.is_bad_N | times.is_missing_N) & (key_N < rate)
            kept = np.concatenate([kept, times.values_N[is_kept_N]])
            keys = np.concatenate([keys, key_N[is_kept_N]])
            while len(kept) > _SAMPLED_TIMES:
                rate /= 2
                kept, keys = kept[keys < rate], keys[keys < rate]
        if len(kept):
            self._cuts = np.quantile(kept, np.cumsum(self.mapping.shares)[:-1])

    def read(self, on_progress: OnShare | None = None, *, at_least: int = 1) -> Iterator[Rows]:
        """The clean rows in the order of the file; rows that are not clean are dropped, or refused at the end.

        Args:
            on_progress: Told the share of the file that has been read.
            at_least: Rows to read before a batch is handed out.

        Raises:
            DatasetError: there are bad rows and the mapping does not drop them, or the file is damaged.
        """
        ragged, faults = Ragged(), Faults()
        self.num_bad = 0
        start = 0
        for batch in _joined(read_batches(self.file, self.mapping.used, ragged, on_progress), at_least):
            rows, is_bad_N = self._decoded(batch, start, faults)
            start += len(batch)
            self.num_bad += int(is_bad_N.sum())
            yield _without(rows, is_bad_N)
        self.num_ragged = ragged.count
        if not self.mapping.drop_bad_rows:
            ragged.refuse(self.file)
            faults.refuse(self.file)

    def _decoded(self, batch: pa.RecordBatch, start: int, faults: Faults) -> tuple[Rows, np.ndarray]:
        mapping = self.mapping
        any_bad_N = np.zeros(len(batch), np.bool_)

        def note(fault: Fault, name: str, is_bad_N: np.ndarray) -> None:
            faults.note(fault, name, is_bad_N, start, lambda: batch[name])
            np.logical_or(any_bad_N, is_bad_N, out=any_bad_N)

        texts: dict[str, pa.Array] = {}
        for name in dict.fromkeys([*mapping.ids, *([mapping.user] if mapping.user is not None else [])]):
            texts[name], is_bad_N = to_texts(batch[name])
            note("text", name, is_bad_N)
        values = {}
        for column in mapping.values:
            found = to_numbers(batch[column.name])
            note("value", column.name, found.is_bad_N | (np.abs(found.values_N) > _LARGEST))
            value_N = found.values_N
            if column.is_log:
                note("negative", column.name, value_N < 0)
                value_N = np.log1p(np.maximum(value_N, 0))
            values[column.name] = np.where(found.is_missing_N, np.nan, value_N)
        labels, contradictions = {}, {}
        conditions = {label.observed_if for label in mapping.labels}
        raw = {label.name: _label(batch, label) for label in mapping.labels}
        is_one = {name: raw[name][0] == 1 for name in conditions if name is not None}
        for label in mapping.labels:
            label_N, is_bad_N = raw[label.name]
            if label.observed_if is not None:
                is_observed_N = is_one[label.observed_if]
                contradictions[label.name] = int((label_N[~is_observed_N] > 0).sum()) if label.kind == "binary" else 0
                label_N = np.where(is_observed_N, label_N, np.nan)
                is_missing_N = np.zeros(len(batch), np.bool_)
            else:
                is_missing_N = np.isnan(label_N) & ~is_bad_N
            note(label.kind, label.name, is_bad_N | is_missing_N)
            labels[label.name] = label_N
        split_N = self._split(batch, texts, start, note)
        return Rows({name: texts[name] for name in mapping.ids}, values, labels, split_N, contradictions), any_bad_N

    def _split(self, batch: pa.RecordBatch, texts: dict[str, pa.Array], start: int, note: object) -> np.ndarray:
        mapping = self.mapping
        if mapping.split == "time" and mapping.time is not None:
            times = to_times(batch[mapping.time])
            if callable(note):
                note("time", mapping.time, times.is_bad_N | times.is_missing_N)
            return np.searchsorted(self._cuts, times.values_N, side="right")
        place_N = uniform(np.arange(start, start + len(batch)), mapping.seed + _ROW_SALT)
        if mapping.split == "key" and mapping.user is not None:
            users = texts[mapping.user]
            is_known_N = np.asarray(users.is_valid().to_numpy(zero_copy_only=False), np.bool_)
            place_N[is_known_N] = uniform(text_keys(users.drop_null()), mapping.seed)
        return np.searchsorted(self._cuts, place_N, side="right")


def _label(batch: pa.RecordBatch, label: LabelColumn) -> tuple[np.ndarray, np.ndarray]:
    found = (to_labels if label.kind == "binary" else to_numbers)(batch[label.name])
    return np.where(found.is_missing_N, np.nan, found.values_N), found.is_bad_N | (np.abs(found.values_N) > _LARGEST)


def _without(rows: Rows, is_bad_N: np.ndarray) -> Rows:
    if not is_bad_N.any():
        return rows
    keep_N = ~is_bad_N
    mask = pa.array(keep_N)
    return Rows(
        {name: texts.filter(mask) for name, texts in rows.ids.items()},
        {name: value_N[keep_N] for name, value_N in rows.values.items()},
        {name: label_N[keep_N] for name, label_N in rows.labels.items()},
        rows.split_N[keep_N],
        rows.num_contradictions,
    )


def _joined(batches: Iterator[pa.RecordBatch], at_least: int) -> Iterator[pa.RecordBatch]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= at_least:
            yield waiting[0] if len(waiting) == 1 else pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)
