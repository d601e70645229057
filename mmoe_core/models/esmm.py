"""Entire-space multi-task model.

Ma et al., "Entire Space Multi-Task Model", SIGIR 2018: a purchase needs a click, so p(CTCVR) = p(CTR) · p(CVR), learnt
over all impressions; CVR's own network never sees the biased sample of clicked rows as a loss of its own.

Shape suffixes in this file:
    B batch   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..config import ESMM, Schema
from .network import MultiTaskModel

__all__ = ["EntireSpaceModel"]


class EntireSpaceModel(MultiTaskModel):
    """One network per task over shared embeddings; the one of a CTCVR task says CVR."""

    def __init__(self, config: ESMM, schema: Schema, *, seed: int) -> None:
        super().__init__(config, schema, seed=seed)
        spaces = [task.label_space for task in schema.tasks]
        self._click = spaces.index("ctr")
        self._is_product_T = [space == "ctcvr" for space in spaces]

    def head(self, towers_BT: Tensor) -> Tensor:
        """Scores (B, T): of a CTCVR task the logit of the product, multiplied in log space."""
        click_B = towers_BT[:, self._click]
        columns = [
            _logit_of_product(click_B, tower_B) if is_product else tower_B
            for tower_B, is_product in zip(towers_BT.unbind(1), self._is_product_T, strict=True)
        ]
        return torch.stack(columns, dim=1)

    def tasks_at_towers(self) -> Sequence[frozenset[int]]:
        """The click's tower learns from every product as well."""
        products = {task for task, is_product in enumerate(self._is_product_T) if is_product}
        return [frozenset({task} | products if task == self._click else {task}) for task in range(len(self.tasks))]


def _logit_of_product(a_B: Tensor, b_B: Tensor) -> Tensor:
    """The logit of p = σ(a) σ(b): log p − log(1 − p), where 1 / p − 1 = e^-a + e^-b + e^-(a+b) keeps its digits."""
    return -torch.logsumexp(torch.stack([-a_B, -b_B, -a_B - b_B]), dim=0)
