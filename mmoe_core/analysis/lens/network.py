"""A trained network and the rows it is looked at with.

Shape suffixes in this file:
    B batch   D width of an embedded row
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from ...config import RunConfig
from ...data import Dataset, Rows, Split, probe_rows
from ...models import MultiTaskModel

__all__ = ["Network", "hooked"]


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

    def read(self, rows: Rows) -> Tensor:
        """Look rows up: (B, D)."""
        weights_BK = None if rows.weights_BK is None else torch.from_numpy(rows.weights_BK)
        x_BD: Tensor = self.model.table(torch.from_numpy(rows.ids_BK), torch.from_numpy(rows.dense_BV), weights_BK)
        return x_BD


@contextmanager
def hooked(module: nn.Module, hook: Callable[..., Tensor | None]) -> Iterator[None]:
    """Let a hook see, or replace, what a module returns, inside the block; as `register_forward_hook`."""
    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()
