"""Everything that a run does for the first time, done once on a few rows: kernels are compiled or read from disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ..config import IdField, RunConfig, Schema, TaskSpec, TrainConfig, ValueField
from ..data import Dataset, Split, SplitName
from .loop import fit

__all__ = ["warm_up"]

_NUM_ROWS = 64


@dataclass(frozen=True)
class _FewRows:
    """What `fit` asks of a dataset."""

    schema: Schema

    def split(self, name: SplitName) -> Split:
        """The same rows for everything."""
        draw = np.random.default_rng(1)
        return Split(
            name=name,
            ids_NF=draw.integers(0, 8, (_NUM_ROWS, 1)).astype(np.int32),
            dense_ND=draw.normal(size=(_NUM_ROWS, 1)).astype(np.float32),
            labels_NT=draw.integers(0, 2, (_NUM_ROWS, 2)).astype(np.float32),
            observed_NT=np.ones((_NUM_ROWS, 2), np.bool_),
        )


def warm_up() -> None:
    """Train on a few rows, and forget it."""
    schema = Schema(
        id_fields=(IdField(name="id", vocabulary_size=8),),
        value_fields=(ValueField(name="value"),),
        tasks=(TaskSpec(name="one"), TaskSpec(name="other")),
    )
    config = RunConfig(train=TrainConfig(epochs=1, batch_size=_NUM_ROWS, validate_every=1, snapshot_every=1))
    for _ in fit(config, cast(Dataset, _FewRows(schema))):
        pass
