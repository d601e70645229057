"""How several losses become one update. One class per published method; set weights are a method too.

Shape suffixes in this file:
    T tasks
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from ..config import RunConfig, averages_losses
from ..models import MultiTaskModel

__all__ = ["Balancer", "Static", "StaticMean", "build_balancer"]


class Balancer(Protocol):
    """Fills the gradients of a model from its tasks' losses."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> None:
        """Add one step's gradients.

        Args:
            task_losses_T: w_k L_k, the weights that people set already inside, shape (T,).
            model: Fresh from the forward pass that made the losses.
        """


class Static:
    """L = sum_k w_k L_k, and nothing else."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> None:
        """Back-propagate the sum."""
        task_losses_T.sum().backward()  # type: ignore[no-untyped-call]


class StaticMean:
    """L = mean over the tasks of w_k L_k: torch-rechub's way of joining losses without balancing them."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> None:
        """Back-propagate the mean."""
        task_losses_T.mean().backward()  # type: ignore[no-untyped-call]


def build_balancer(config: RunConfig) -> Balancer:
    """The method that a config names."""
    static = StaticMean if averages_losses(config.model) else Static
    return {"static": static}[config.train.balancing.method]()
