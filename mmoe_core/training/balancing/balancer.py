"""What the loop asks of a balancing method.

Shape suffixes in this file:
    T tasks
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor

from ...models import MultiTaskModel

__all__ = ["Balancer", "LossWeights"]


class Balancer(ABC):
    """Fills the gradients of a model from its tasks' losses. One class per published method."""

    def begin(self, step: int, epoch: int) -> None:
        """A step is about to be taken; both count from 1."""
        del step, epoch

    @abstractmethod
    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor | None:
        """Add one step's gradients.

        Args:
            task_losses_T: w_k L_k, the weights that people set already inside; of this rank's rows.
            model: Fresh from the forward pass that made the losses.

        Returns:
            λ_T, what each task's gradient was multiplied by where tasks share; None if by nothing.
        """

    def learn(self, task_losses_T: Tensor) -> None:
        """Take note of w_k L_k of the whole batch, after `backward`."""
        del task_losses_T

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on."""
        return {}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        del state


class LossWeights(Balancer):
    """The methods that weigh losses: one backward pass of Σ_k λ_k w_k L_k, through everything."""

    @abstractmethod
    def weights(self, num_tasks: int) -> Tensor:
        """λ_T of this step."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor:
        """Back-propagate the weighted sum."""
        weights_T = self.weights(len(task_losses_T)).to(task_losses_T)
        (weights_T * task_losses_T).sum().backward()  # type: ignore[no-untyped-call]
        return weights_T
