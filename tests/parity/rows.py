"""Rows that two libraries read alike: the real Ali-CCP sample, ids as they are, and random ones.

Shape suffixes in this file:
    N rows   F id fields   V value fields   T tasks
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from mmoe_core.config import FIRST_KNOWN, IdField, Schema, TaskSpec, ValueField
from mmoe_core.data.ali_ccp_schema import ID_NAMES, VALUE_NAMES

SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "ali-ccp"
needs_sample = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason="the real Ali-CCP sample is not on this machine; it may not be shipped"
)
TASKS = (TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr"))


@dataclass(frozen=True)
class Rows:
    """The same rows in both libraries' words."""

    schema: Schema
    ids_NF: Tensor  # from 0 in each field
    dense_NV: Tensor
    labels_NT: Tensor

    @property
    def ours(self) -> tuple[Tensor, Tensor]:
        """Rows of our one table: each field has its own stretch, the reserved ids first."""
        offsets_F = torch.tensor(self.schema.offsets)
        return (self.ids_NF + offsets_F + FIRST_KNOWN).int(), self.dense_NV

    @property
    def theirs(self) -> dict[str, Tensor]:
        """A column per field."""
        ids = {field.name: self.ids_NF[:, place] for place, field in enumerate(self.schema.id_fields)}
        return ids | {field.name: self.dense_NV[:, place] for place, field in enumerate(self.schema.value_fields)}

    def vocabulary(self, name: str) -> int:
        """How many ids a field has there."""
        return next(field.vocabulary_size for field in self.schema.id_fields if field.name == name) - FIRST_KNOWN


def sample_rows() -> Rows:
    """The tutorial's preprocessing of all 200 rows: vocabularies up to the largest id, values as they are."""
    table = pd.concat([pd.read_csv(SAMPLE / f"ali_ccp_{split}_sample.csv") for split in ("train", "val", "test")])
    schema = Schema(
        id_fields=tuple(
            IdField(name=name, vocabulary_size=int(table[name].max()) + 1 + FIRST_KNOWN) for name in ID_NAMES
        ),
        value_fields=tuple(ValueField(name=name) for name in VALUE_NAMES),
        tasks=TASKS,
    )
    return Rows(
        schema,
        torch.from_numpy(table[list(ID_NAMES)].to_numpy(np.int64)),
        torch.from_numpy(table[list(VALUE_NAMES)].to_numpy(np.float64)).float().double(),
        torch.from_numpy(table[["click", "purchase"]].to_numpy(np.float64)),
    )


def random_rows(tasks: tuple[TaskSpec, ...] = TASKS, *, num_rows: int = 300, seed: int = 5) -> Rows:
    """Three id fields, two values, labels of a coin."""
    draw = torch.Generator().manual_seed(seed)
    sizes = {"user": 40, "item": 70, "shop": 9}
    schema = Schema(
        id_fields=tuple(IdField(name=name, vocabulary_size=size + FIRST_KNOWN) for name, size in sizes.items()),
        value_fields=(ValueField(name="price"), ValueField(name="age")),
        tasks=tasks,
    )
    ids = [torch.randint(0, size, (num_rows,), generator=draw) for size in sizes.values()]
    dense_NV = torch.randn(num_rows, 2, generator=draw)
    labels_NT = torch.randint(0, 2, (num_rows, len(tasks)), generator=draw)
    return Rows(schema, torch.stack(ids, dim=1), dense_NV.double(), labels_NT.double())


def without_values(rows: Rows) -> Rows:
    """The same rows, ids only."""
    schema = rows.schema.model_copy(update={"value_fields": ()})
    return Rows(schema, rows.ids_NF, rows.dense_NV[:, :0], rows.labels_NT)
