"""How alike experts are, and which of their units are dead, on the probe rows.

Shape suffixes in this file:
    B rows   E experts   I, O width into and out of a layer   L layers of an expert
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from ...config import LevelPlan
from ...metrics import dead_units, linear_cka
from ...models.banks import Bank
from ...models.following import hooked
from .asked import Experts, ExpertsCompared, LevelExperts
from .network import Network

__all__ = ["experts"]


def experts(network: Network, question: Experts) -> ExpertsCompared:
    """Similarity and dead units, level by level."""
    del question  # there is nothing to choose
    banks = [bank for bank in network.model.experts if isinstance(bank, Bank)]
    reads: list[Tensor] = []
    with torch.no_grad(), ExitStack() as hooks:
        for bank in banks:
            hooks.enter_context(hooked(bank, lambda _module, read, _said: reads.append(read[0])))
        network.model.score(network.read(network.probe.take(np.arange(len(network.probe)))))
        layers = [[*_layers(bank, read)] for bank, read in zip(banks, reads, strict=True)]
    return ExpertsCompared(
        levels=tuple(_level(level, said) for level, said in zip(network.model.levels, layers, strict=True))
    )


def _layers(bank: Bank, x: Tensor) -> Iterator[Tensor]:
    """What each layer says of each row after its ReLU, (E, B, O); `x` is (B, I), or (E, B, I)."""
    for layer, (weights_EOI, biases_EO) in enumerate(bank.linear_layers()):
        assert biases_EO is not None
        x = x @ weights_EOI.transpose(1, 2) + biases_EO.unsqueeze(1)
        if layer < len(bank.norms):
            x = bank.norms[layer](x)
        x = x.relu()
        yield x


def _level(level: LevelPlan, layers: list[Tensor]) -> LevelExperts:
    output_EBO = layers[-1].double().numpy()
    return LevelExperts(
        experts=level.experts,
        similarity_EE=tuple(tuple(linear_cka(one, other) for other in output_EBO) for one in output_EBO),
        dead_LE=tuple(tuple(dead_units(layer.numpy()).mean(axis=-1).tolist()) for layer in layers),
    )
