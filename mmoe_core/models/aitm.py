"""Adaptive information transfer multi-task.

Xi et al., "Modeling the Sequential Dependence among Audience Multi-step Conversions with Multi-task Learning in
Targeted Display Advertising", KDD 2021: of two behaviours that follow each other, the later one's network attends to
its own finding and to what the earlier one hands on. The attention's two weights are a gate like any other. In parity
with torch-rechub what is handed on is batch-normalised before its ReLU.

Shape suffixes in this file:
    B batch   H width that the towers read   T tasks   N places where something is handed on, T − 1
    U what is attended to: handed on, own
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from ..config import AITM, Schema, reproduces_rechub
from .network import MultiTaskModel
from .norms import BankNorm
from .output import GateLevel
from .sharing import SharedLayer, shared_members

__all__ = ["TransferModel"]


class Transfer(nn.Module):
    """The adaptive information transfer module, equations 4 to 7.

    Args:
        num_tasks: T.
        width: H.
        norm: Of what is handed on.
        generator: Where the weights are drawn from.
    """

    def __init__(self, num_tasks: int, width: int, norm: Literal["none", "batch"], generator: Generator) -> None:
        super().__init__()

        def drawn(variance: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(num_tasks - 1, width, width, generator=generator) * variance**0.5)

        self.hand_on_NHH = drawn(2 / width)  # a ReLU follows
        self.biases_NH = nn.Parameter(torch.zeros(num_tasks - 1, width))
        self.queries_NHH, self.keys_NHH, self.values_NHH = (drawn(1 / width) for _ in range(3))
        num_norms = num_tasks - 1 if norm == "batch" else 0
        self.norms = nn.ModuleList(BankNorm("batch", 1, width) for _ in range(num_norms))

    def forward(self, own_TBH: Tensor) -> tuple[Tensor, Tensor]:
        """What each tower reads, (T, B, H), and how much of it comes from each task's network, (B, T, T)."""
        num_tasks, num_rows, width = own_TBH.shape
        read, shares_BTT = [own_TBH[0]], own_TBH.new_zeros(num_rows, num_tasks, num_tasks)
        shares_BTT[:, 0, 0] = 1
        for place in range(num_tasks - 1):
            handed_on_BH = functional.linear(read[-1], self.hand_on_NHH[place], self.biases_NH[place])
            if self.norms:
                handed_on_BH = self.norms[place](handed_on_BH.unsqueeze(0)).squeeze(0)
            both_UBH = torch.stack([handed_on_BH.relu(), own_TBH[place + 1]])
            queries_UBH, keys_UBH, values_UBH = (
                both_UBH @ weights_NHH[place].T for weights_NHH in (self.queries_NHH, self.keys_NHH, self.values_NHH)
            )
            shares_UB = ((queries_UBH * keys_UBH).sum(dim=2) / width**0.5).softmax(dim=0)
            read.append((shares_UB.unsqueeze(2) * values_UBH).sum(dim=0))
            shares_BTT[:, place + 1, place : place + 2] = shares_UB.detach().T
        return torch.stack(read), shares_BTT

    def linear_layers(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        """What hands on, then queries, keys and values."""
        yield self.hand_on_NHH, self.biases_NH
        for weights_NHH in (self.queries_NHH, self.keys_NHH, self.values_NHH):
            yield weights_NHH, None


class TransferModel(MultiTaskModel):
    """One network per task over shared embeddings, in the schema's order, each but the first with a transfer."""

    def __init__(self, config: AITM, schema: Schema, *, seed: int) -> None:
        super().__init__(config, schema, seed=seed)
        norm: Literal["none", "batch"] = "batch" if reproduces_rechub(config) else "none"
        self.transfer = Transfer(len(self.tasks), config.expert_widths[-1], norm, self.generator)
        self._constraint = config.constraint
        spaces = [task.label_space for task in schema.tasks]
        implied = [place for place in range(1, len(spaces)) if spaces[place - 1 : place + 1] == ["ctr", "ctcvr"]]
        self._implied = implied if config.constraint else []

    def route(self, x: Tensor) -> tuple[Tensor, tuple[GateLevel, ...]]:
        """Each task's own network, then what is handed on; the gates say how much a task reads of which network."""
        own_TBH, _ = super().route(x)
        read_TBH, shares_BTT = self.transfer(own_TBH)
        return read_TBH, (GateLevel(self.tasks, self.tasks, shares_BTT),)

    def extra_losses(self, scores_BT: Tensor, gates: tuple[GateLevel, ...]) -> tuple[Tensor, ...]:
        """α max(p_purchase − p_click, 0), equation 9: only where the one behaviour implies the other."""
        del gates
        p_BT = scores_BT.sigmoid()
        return tuple(self._constraint * (p_BT[:, place] - p_BT[:, place - 1]).relu() for place in self._implied)

    def shared_layers(self) -> tuple[SharedLayer, ...]:
        """Also what is handed on past the next task."""
        num_tasks = len(self.tasks)
        later = [frozenset(range(place + 1, num_tasks)) for place in range(num_tasks - 1)]
        found = [*super().shared_layers(), *shared_members(self.transfer.parameters(recurse=False), later)]
        for norm, tasks in zip(self.transfer.norms, later, strict=False):
            found += shared_members(norm.parameters(), [tasks])
        return tuple(found)

    def tasks_at_mixtures(self) -> Sequence[frozenset[int]]:
        """A task's own network learns from all tasks that come after it."""
        return [frozenset(range(task, len(self.tasks))) for task in range(len(self.tasks))]
