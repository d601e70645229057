"""Many small networks side by side, each layer of all of them one matmul.

Shape suffixes in this file:
    B batch   M members of a bank   I, O width in and out of a layer   H width that the towers read   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from .linear import linear
from .norms import BankNorm

__all__ = ["Bank", "Towers"]


class Bank(nn.Module):
    """M networks of equal shape: linear layers with a ReLU between them, none after the last.

    Each member draws weights of its own, N(0, 2 / fan-in) (He et al. 2015; biases 0), so no two start alike.

    Args:
        num_members: M.
        widths: Width of the input, then of each layer.
        num_hidden: How many layers, from the first, are normalised and thinned: those that a ReLU follows.
        norm: Of the hidden layers, before their ReLU.
        dropout: Share of a hidden layer's outputs that each step of training leaves out.
        generator: Where the weights are drawn from.
    """

    def __init__(
        self,
        num_members: int,
        widths: Sequence[int],
        *,
        num_hidden: int,
        norm: Literal["none", "layer", "batch"],
        dropout: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        self.weights_MOI = nn.ParameterList(
            torch.randn(num_members, width_out, width_in, generator=generator) * (2 / width_in) ** 0.5
            for width_in, width_out in pairwise(widths)
        )
        self.biases_MO = nn.ParameterList(torch.zeros(num_members, width_out) for width_out in widths[1:])
        hidden = widths[1 : num_hidden + 1]
        self.norms = nn.ModuleList(BankNorm(norm, num_members, width) for width in hidden if norm != "none")
        self._num_hidden, self._dropout = num_hidden, dropout

    def forward(self, x: Tensor) -> Tensor:
        """Run every member on one input for all, (B, I), or on one for each, (M, B, I).

        Returns:
            Shape (M, B, O).
        """
        for number in range(len(self.biases_MO)):
            x = self.layer(number, x)
        return x

    def layer(self, number: int, x: Tensor) -> Tensor:
        """One layer, (M, B, O): of the input, or of what the layer below says before its ReLU."""
        weight_MOI, bias_MO = self.weights_MOI[number], self.biases_MO[number]
        if number:
            x = x.relu()
        if x.ndim == 2:  # the same input: one plain matmul for all members
            x_BMO = linear(x, weight_MOI.flatten(0, 1), bias_MO.flatten()).view(x.shape[0], *bias_MO.shape)
            x = x_BMO.transpose(0, 1)
        else:
            x = torch.baddbmm(bias_MO.unsqueeze(1), x, weight_MOI.transpose(1, 2))
        if number < len(self.norms):
            x = self.norms[number](x)
        if self._dropout and number < self._num_hidden:
            x = functional.dropout(x, self._dropout, self.training)
        return x

    def linear_layers(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Layer by layer, all members' in one."""
        return zip(self.weights_MOI, self.biases_MO, strict=True)


class Towers(nn.Module):
    """One tower per task, f^k: hidden ReLU layers, then one linear score. Towers of equal shape share a bank.

    Args:
        width_in: H.
        hidden_widths: Of each task's tower, in task order.
        norm: As in `Bank`.
        dropout: As in `Bank`.
        generator: Where the weights are drawn from.
    """

    def __init__(
        self,
        width_in: int,
        hidden_widths: Sequence[Sequence[int]],
        *,
        norm: Literal["none", "layer", "batch"],
        dropout: float,
        generator: Generator,
    ) -> None:
        super().__init__()
        shapes = sorted({tuple(widths) for widths in hidden_widths})
        self.tasks_of_bank = [
            [task for task, widths in enumerate(hidden_widths) if tuple(widths) == shape] for shape in shapes
        ]
        in_bank_order = [task for tasks in self.tasks_of_bank for task in tasks]
        self.place_of_task = [in_bank_order.index(task) for task in range(len(hidden_widths))]
        self.banks = nn.ModuleList(
            Bank(
                len(tasks),
                (width_in, *shape, 1),
                num_hidden=len(shape),
                norm=norm,
                dropout=dropout,
                generator=generator,
            )
            for shape, tasks in zip(shapes, self.tasks_of_bank, strict=True)
        )

    def forward(self, mixed_TBH: Tensor) -> Tensor:
        """Score each task's mixture: (B, T)."""
        if len(self.banks) == 1:
            scores_TB1: Tensor = self.banks[0](mixed_TBH)
        else:
            scores = [bank(mixed_TBH[tasks]) for bank, tasks in zip(self.banks, self.tasks_of_bank, strict=True)]
            scores_TB1 = torch.cat(scores)[self.place_of_task]
        return scores_TB1.squeeze(2).T
