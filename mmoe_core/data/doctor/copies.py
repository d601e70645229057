"""Rows that are there twice: within a split, or in train and in a split that is to judge it.

The same item shown twice to the same user is no copy but two events; so are two rows that only look the same, since
their ids were too rare to be kept apart. Events of their own have labels of their own: copies agree in them.

Shape suffixes in this file:
    B rows looked at   P pairs of rows whose fields are the same   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..manifest import SplitName
from .findings import Finding
from .sample import Sample

__all__ = ["find_copies"]

_LEAST_SHARE = 0.05
_AGREEING = 0.5  # of the pairs in which something happened; chance gives about the rate of the label
_ENOUGH_PAIRS = 10  # with fewer, agreement says nothing


@dataclass(frozen=True)
class _Hashed:
    """64 bits per row for its fields, and for its fields and labels; those of different rows do not collide."""

    fields_B: np.ndarray
    rows_B: np.ndarray
    labels_BT: np.ndarray


def find_copies(samples: Mapping[SplitName, Sample]) -> Iterator[Finding]:
    """Copies of rows: every field and every label the same."""
    hashed = {split: _hashed(sample) for split, sample in samples.items()}
    for split, here in hashed.items():
        copies = len(here.rows_B) - len(np.unique(here.rows_B))
        if copies > _LEAST_SHARE * len(here.rows_B) and _agree(*_pairs_within(here)):
            yield _found("repeated_rows", samples[split], copies)
    for split in ("validation", "test"):
        copies = int(np.isin(hashed[split].rows_B, hashed["train"].rows_B).sum())
        if copies > _LEAST_SHARE * len(samples[split]) and _agree(*_pairs_between(hashed["train"], hashed[split])):
            yield _found("rows_of_train", samples[split], copies)


def _found(code: str, sample: Sample, copies: int) -> Finding:
    return Finding.of(code, sampled_rows=sample.sampled_rows, split=sample.split, rows=copies, all_rows=len(sample))


def _pairs_within(here: _Hashed) -> tuple[np.ndarray, np.ndarray]:
    """Labels of both rows of each pair, (P, T)."""
    order_B = np.argsort(here.fields_B, kind="stable")
    is_pair = here.fields_B[order_B[1:]] == here.fields_B[order_B[:-1]]
    return here.labels_BT[order_B[:-1][is_pair]], here.labels_BT[order_B[1:][is_pair]]


def _pairs_between(train: _Hashed, other: _Hashed) -> tuple[np.ndarray, np.ndarray]:
    order_B = np.argsort(train.fields_B, kind="stable")
    sorted_B = train.fields_B[order_B]
    place_B = np.searchsorted(sorted_B, other.fields_B)
    is_pair = sorted_B.take(place_B, mode="clip") == other.fields_B
    return train.labels_BT[order_B[place_B[is_pair]]], other.labels_BT[is_pair]


def _agree(first_PT: np.ndarray, second_PT: np.ndarray) -> bool:
    """Whether the labels agree where anything happened: that nothing happened twice is no sign of a copy."""
    happened_P = ((first_PT != 0) | (second_PT != 0)).any(axis=1)
    agrees_P = (first_PT == second_PT).all(axis=1)
    return int(happened_P.sum()) < _ENOUGH_PAIRS or float(agrees_P[happened_P].mean()) >= _AGREEING


def _hashed(sample: Sample) -> _Hashed:
    rows = sample.rows
    weights = [] if rows.weights_BK is None else [rows.weights_BK]
    fields_B = np.zeros(len(sample), np.uint64)
    for part in (rows.ids_BK, *weights, rows.dense_BV):
        fields_B = _mixed(fields_B, part)
    return _Hashed(fields_B, _mixed(fields_B, rows.labels_BT), rows.labels_BT)


def _mixed(hashes_B: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The hashes with some more columns of 32 bits stirred in."""
    for column_B in columns.T:
        number_B = np.ascontiguousarray(column_B).view(np.uint32).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        hashes_B = hashes_B ^ (number_B + (hashes_B << np.uint64(6)) + (hashes_B >> np.uint64(2)))
        hashes_B = hashes_B * np.uint64(0xBF58476D1CE4E5B9)
        hashes_B = hashes_B ^ (hashes_B >> np.uint64(29))
    return hashes_B
