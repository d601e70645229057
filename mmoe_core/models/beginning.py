"""How a network's layers begin where they are to be torch's: weights and biases from U(−1/√I, 1/√I).

`torch.nn.Linear` draws both so, as Kaiming He's uniform law with a = √5.

Shape suffixes in this file:
    I width that a layer reads
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch
from torch import Generator, Tensor, nn

__all__ = ["HasLinearLayers", "draw_as_torch"]


@runtime_checkable
class HasLinearLayers(Protocol):
    """A module that owns linear layers."""

    def linear_layers(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Each layer's weights, with I as the last axis, and its biases if it has any."""


def draw_as_torch(model: nn.Module, generator: Generator) -> None:
    """Draw all linear layers of a network anew, as torch would."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, HasLinearLayers):
                for weights, biases in module.linear_layers():
                    bound = weights.shape[-1] ** -0.5
                    for drawn in (weights, biases):
                        if drawn is not None:
                            drawn.uniform_(-bound, bound, generator=generator)
