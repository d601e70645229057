"""What each expert adds to each mixture h^k = Σ_i g_i^k E_i: its weight times the norm of what it says.

Shape suffixes in this file:
    B rows   R readers   E experts   H expert output width
"""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from ...errors import ConfigError
from ...models import TransferModel
from ...models.following import hooked
from .asked import Contributions, LevelContributions, MeanContributions
from .network import Network

__all__ = ["contributions"]


def contributions(network: Network, question: Contributions) -> MeanContributions:
    """Mean weight, norm and their product over the probe rows, level by level.

    Raises:
        ConfigError: the network mixes something else than what experts say.
    """
    del question  # there is nothing to choose
    if isinstance(network.model, TransferModel):
        raise ConfigError("AITM's attention mixes values of its own, so weight times expert output says nothing of it.")
    outputs: list[Tensor] = []
    with torch.no_grad(), ExitStack() as hooks:
        for experts in network.model.experts:
            hooks.enter_context(hooked(experts, lambda _module, _read, z_EBH: outputs.append(z_EBH.relu())))
        output = network.model.score(network.read(network.probe.take(np.arange(len(network.probe)))))
    return MeanContributions(
        levels=tuple(
            LevelContributions(
                readers=level.readers,
                experts=level.experts,
                weights_RE=_rows(level.weights_BRE.double().mean(dim=0)),
                norms_E=tuple(norms_BE.mean(dim=0).tolist()),
                contributions_RE=_rows((level.weights_BRE.double() * norms_BE.unsqueeze(1)).mean(dim=0)),
            )
            for level, norms_BE in zip(output.gates, (e.double().norm(dim=2).T for e in outputs), strict=True)
        )
    )


def _rows(values_RE: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values_RE.tolist())
