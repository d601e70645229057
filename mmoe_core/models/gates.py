"""Softmax gates, g^k(x) = softmax(W_g^k x): how much each reader listens to each expert that it may hear.

In parity with torch-rechub the logits have a bias, W x + b, before they are normalised.

Shape suffixes in this file:
    B batch   I width of what a gate sees   R readers   E experts   P pairs of a gate and an expert that it may choose
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn

from ..config import Gated, LevelPlan, reproduces_rechub
from .linear import linear
from .norms import BankNorm

__all__ = ["FixedGates", "Gates"]


class Gates(nn.Module):
    """The gates of one level, drawn from N(0, 1 / (3 I)).

    Args:
        level: Who may hear whom.
        width_in: I.
        config: Temperature, dropout, norm.
        generator: Where the weights are drawn from.
    """

    def __init__(self, level: LevelPlan, width_in: int, config: Gated, generator: Generator) -> None:
        super().__init__()
        outputs = level.outputs_per_gate
        self.weights_PI = nn.Parameter(torch.randn(sum(outputs), width_in, generator=generator) / (3 * width_in) ** 0.5)
        biases_P = nn.Parameter(torch.zeros(sum(outputs))) if reproduces_rechub(config) else None
        self.biases_P: nn.Parameter | None
        self.register_parameter("biases_P", biases_P)
        self.norm = BankNorm("batch", 1, sum(outputs)) if config.gate_norm == "batch" else None
        self._level, self._outputs = level, list(outputs)
        self._temperature, self._dropout = config.gate_temperature, config.gate_dropout
        self._places_P: Tensor
        places = [gate * len(level.experts) + expert for gate in range(len(outputs)) for expert in level.reach[gate]]
        self.register_buffer("_places_P", torch.tensor(places), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The logits.

        Args:
            x: What all gates see, (B, I), or what each sees, (R, B, I).

        Returns:
            Shape (B, R, E), −∞ where a reader cannot hear an expert.
        """
        if x.ndim == 2:
            logits_BP = linear(x, self.weights_PI, self.biases_P)
        else:
            own = torch.split(self.weights_PI, self._outputs)
            logits_BP = torch.cat([linear(x_BI, own_PI) for x_BI, own_PI in zip(x, own, strict=True)], dim=1)
            if self.biases_P is not None:
                logits_BP = logits_BP + self.biases_P
        if self.norm is not None:
            logits_BP = self.norm(logits_BP.unsqueeze(0)).squeeze(0)
        logits_BRE = self._spread(logits_BP)
        if self._temperature != 1:
            logits_BRE = logits_BRE / self._temperature
        if self.training and self._dropout:
            logits_BRE = _without_some(logits_BRE, self._dropout)
        return logits_BRE.expand(-1, len(self._level.readers), -1)

    def linear_layers(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        """All gates as one layer."""
        yield self.weights_PI, self.biases_P

    def _spread(self, logits_BP: Tensor) -> Tensor:
        """Each logit at its expert's place, −∞ elsewhere."""
        num_rows, shape = logits_BP.shape[0], (len(self._outputs), len(self._level.experts))
        if len(self._places_P) < shape[0] * shape[1]:
            closed = logits_BP.new_full((num_rows, shape[0] * shape[1]), -torch.inf)
            logits_BP = closed.index_copy(1, self._places_P, logits_BP)
        return logits_BP.view(num_rows, *shape)


class FixedGates(nn.Module):
    """No choice: every expert that a reader hears weighs the same; of one, all."""

    def __init__(self, level: LevelPlan) -> None:
        super().__init__()
        logits_RE = torch.full((len(level.readers), len(level.experts)), -torch.inf)
        for reader, heard in enumerate(level.reach):
            logits_RE[reader, list(heard)] = 0
        self._logits_RE: Tensor
        self.register_buffer("_logits_RE", logits_RE, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The same logits for every row, (B, R, E)."""
        return self._logits_RE.to(x.dtype).expand(x.shape[-2], -1, -1)


def _without_some(logits_BRE: Tensor, chance: float) -> Tensor:
    """Shut gates by chance, never all of a reader's; what is left sums to 1 again (Zhao et al., RecSys 2019)."""
    is_open_BRE = logits_BRE.isfinite()
    is_shut_BRE = (torch.rand_like(logits_BRE) < chance) & is_open_BRE
    is_shut_BRE &= (is_shut_BRE != is_open_BRE).any(dim=2, keepdim=True)
    return logits_BRE.masked_fill(is_shut_BRE, -torch.inf)
