"""A trained network and the rows it is looked at with.

Shape suffixes in this file:
    B batch   D width of an embedded row
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...config import RunConfig
from ...data import Dataset, Rows, Split, SplitName, probe_rows
from ...errors import DatasetError
from ...models import MultiTaskModel

__all__ = ["Network"]

_HELD_OUT = 50_000  # an answer takes well under a second


@dataclass(frozen=True)
class Network:
    """What a question is asked of.

    Attributes:
        model: Ready to judge.
        config: The run's.
        dataset: Its rows.
    """

    model: MultiTaskModel
    config: RunConfig
    dataset: Dataset

    @cached_property
    def probe(self) -> Split:
        """The rows on which the run's gates are watched."""
        return self.dataset.split("validation").pick(probe_rows(self.dataset, self.config.train.probe_rows))

    def found(self, split_name: SplitName, row: int) -> tuple[Split, NDArray[np.int64]]:
        """A split, and the place of one row in it.

        Raises:
            DatasetError: there is no such row.
        """
        split = self.dataset.split(split_name)
        if row >= len(split):
            raise DatasetError(
                "The {split} split of {dataset} has {rows:,} rows, numbered from 0; there is no row {row:,}.",
                split=split_name,
                dataset=self.dataset.name,
                rows=len(split),
                row=row,
            )
        return split, np.array([row])

    @cached_property
    def held_out(self) -> Split:
        """The test rows, at most so many, on which one judges the network as it is against itself with other gates."""
        return self.dataset.split("test").pick(probe_rows(self.dataset, _HELD_OUT, split="test"))

    def read(self, rows: Rows) -> Tensor:
        """Look rows up: (B, D)."""
        weights_BK = None if rows.weights_BK is None else torch.from_numpy(rows.weights_BK)
        x_BD: Tensor = self.model.table(torch.from_numpy(rows.ids_BK), torch.from_numpy(rows.dense_BV), weights_BK)
        return x_BD
