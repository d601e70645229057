"""Rows that are there twice: within a split, or in train and in a split that is to judge it.

Shape suffixes in this file:
    B rows looked at
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..manifest import SplitName
from .findings import Finding
from .sample import Sample

__all__ = ["find_copies"]

_REPEATED_SHARE = 0.05  # the same thing shown twice to the same user is an event of its own, up to here
_IN_TRAIN_SHARE = 0.05


def find_copies(samples: Mapping[SplitName, Sample]) -> Iterator[Finding]:
    """Copies of rows: every field and every label the same."""
    hashes = {split: _hashes(sample) for split, sample in samples.items()}
    for split, hashes_B in hashes.items():
        copies = len(hashes_B) - len(np.unique(hashes_B))
        yield from _found("repeated_rows", samples[split], copies, _REPEATED_SHARE)
    for split in ("validation", "test"):
        copies = int(np.isin(hashes[split], hashes["train"]).sum())
        yield from _found("rows_of_train", samples[split], copies, _IN_TRAIN_SHARE)


def _found(code: str, sample: Sample, copies: int, least_share: float) -> Iterator[Finding]:
    if copies > least_share * len(sample):
        yield Finding.of(code, sampled_rows=sample.sampled_rows, split=sample.split, rows=copies, all_rows=len(sample))


def _hashes(sample: Sample) -> np.ndarray:
    """64 bits per row; among a few hundred thousand rows, no two different ones collide."""
    rows = sample.rows
    parts = [rows.ids_BK, rows.dense_BV, rows.labels_BT, *([] if rows.weights_BK is None else [rows.weights_BK])]
    hashes_B = np.zeros(len(sample), np.uint64)
    for part in parts:
        for column_B in part.T:
            mixed_B = np.ascontiguousarray(column_B).view(np.uint32).astype(np.uint64)
            mixed_B += np.uint64(0x9E3779B97F4A7C15)
            hashes_B ^= mixed_B + (hashes_B << np.uint64(6)) + (hashes_B >> np.uint64(2))
            hashes_B *= np.uint64(0xBF58476D1CE4E5B9)
            hashes_B ^= hashes_B >> np.uint64(29)
    return hashes_B
