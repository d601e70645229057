"""What every network returns: scores, and the gates that led to them.

Shape suffixes in this file:
    B batch   R readers   E experts   T tasks
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

__all__ = ["GateLevel", "MultiTaskOutput"]


@dataclass(frozen=True)
class GateLevel:
    """One level of gates: who listens to whom, per row.

    Attributes:
        readers: Tasks (or experts of the next level), R of them.
        experts: Names of the experts, E of them.
        weights_BRE: Sums to 1 over E; 0 where a reader cannot reach an expert.
    """

    readers: tuple[str, ...]
    experts: tuple[str, ...]
    weights_BRE: Tensor


@dataclass(frozen=True)
class MultiTaskOutput:
    """The result of one forward pass.

    Attributes:
        scores_BT: Logits of binary tasks, values of regression tasks.
        gates: One entry per level, the lowest first.
        extra_losses: What the architecture itself wants small, per row, each (B,); their means join the tasks' losses.
    """

    scores_BT: Tensor
    gates: tuple[GateLevel, ...]
    extra_losses: tuple[Tensor, ...] = ()
