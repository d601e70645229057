"""Normalisation of a layer of many small networks side by side; each network learns its own scale and shift.

Shape suffixes in this file:
    B batch   M members of a bank   O width of the layer
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["BankNorm"]

_MOMENTUM, _EPSILON = 0.1, 1e-5  # torch's


class BankNorm(nn.Module):
    """Layer norm (Ba et al. 2016) over a member's width, or batch norm (Ioffe and Szegedy 2015) over the rows.

    Args:
        kind: Which.
        num_members: M.
        width: O.
    """

    def __init__(self, kind: Literal["layer", "batch"], num_members: int, width: int) -> None:
        super().__init__()
        self._kind = kind
        self.scales_MO = nn.Parameter(torch.ones(num_members, width))
        self.shifts_MO = nn.Parameter(torch.zeros(num_members, width))
        self.means_MO: Tensor | None
        self.variances_MO: Tensor | None
        self.register_buffer("means_MO", torch.zeros(num_members, width) if kind == "batch" else None)
        self.register_buffer("variances_MO", torch.ones(num_members, width) if kind == "batch" else None)

    def forward(self, x_MBO: Tensor) -> Tensor:
        """Normalise; in training batch norm goes by the batch (of at least two rows), else by what it has seen."""
        if self._kind == "layer":
            normed_MBO = functional.layer_norm(x_MBO, x_MBO.shape[2:], eps=_EPSILON)
            return torch.addcmul(self.shifts_MO.unsqueeze(1), normed_MBO, self.scales_MO.unsqueeze(1))
        assert self.means_MO is not None
        assert self.variances_MO is not None
        rows_BMO = x_MBO.transpose(0, 1)
        normed = functional.batch_norm(
            rows_BMO.flatten(1),
            self.means_MO.view(-1),
            self.variances_MO.view(-1),
            self.scales_MO.view(-1),
            self.shifts_MO.view(-1),
            training=self.training and len(rows_BMO) > 1,
            momentum=_MOMENTUM,
            eps=_EPSILON,
        )
        return normed.view(rows_BMO.shape).transpose(0, 1)

    def statistics(self, x_O: Tensor, member: int) -> tuple[Tensor, Tensor]:
        """What one member subtracts from a row and divides it by while judging: mean and deviation, each (O,)."""
        if self._kind == "layer":
            deviation = (x_O.var(correction=0) + _EPSILON).sqrt()
            return x_O.mean().expand_as(x_O), deviation.expand_as(x_O)
        assert self.means_MO is not None
        assert self.variances_MO is not None
        return self.means_MO[member], (self.variances_MO[member] + _EPSILON).sqrt()
