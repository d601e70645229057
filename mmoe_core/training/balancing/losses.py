"""Methods that look at losses only, and cost nothing: static, decay, dynamic weight average, random weights.

Shape suffixes in this file:
    T tasks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Generator, Tensor

from ... import config
from ...models import MultiTaskModel
from ..drawing import draw_seed
from .balancer import Balancer, LossWeights

__all__ = ["Decay", "DynamicWeightAverage", "RandomLossWeighting", "Static", "StaticMean"]


class Static(Balancer):
    """L = Σ_k w_k L_k, and nothing else."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> None:
        """Back-propagate the sum."""
        task_losses_T.sum().backward()  # type: ignore[no-untyped-call]


class StaticMean(Balancer):
    """L = mean over the tasks of w_k L_k: torch-rechub's way of joining losses without balancing them."""

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> None:
        """Back-propagate the mean."""
        task_losses_T.mean().backward()  # type: ignore[no-untyped-call]


class Decay(LossWeights):
    """λ_k = γ_k^t with t epochs done.

    Tang et al., "Progressive Layered Extraction", RecSys 2020, section 4.3: ω_k^(t) = ω_k,0 · γ_k^t; ω_k,0 is w_k.
    """

    def __init__(self, settings: config.Decay, tasks: Sequence[str]) -> None:
        self._gammas_T = torch.tensor([settings.of(task) for task in tasks], dtype=torch.float64)
        self._epochs_done = 0

    def begin(self, step: int, epoch: int) -> None:
        """Count the epochs that are done."""
        self._epochs_done = epoch - 1

    def weights(self, num_tasks: int) -> Tensor:
        """γ_k^t."""
        return self._gammas_T**self._epochs_done


class DynamicWeightAverage(LossWeights):
    """λ_k(t) = T exp(r_k / τ) / Σ_l exp(r_l / τ), r_k = L_k(t − 1) / L_k(t − 2), mean losses of the last two epochs.

    Liu, Johns, Davison, "End-to-End Multi-Task Learning with Attention", CVPR 2019, equation 7. All 1 in the first two
    epochs, and for a task that had no loss at all in one of them.
    """

    def __init__(self, settings: config.DynamicWeightAverage, tasks: Sequence[str]) -> None:
        self._temperature = settings.temperature
        num_tasks = len(tasks)
        self._epoch = torch.zeros((), dtype=torch.int64)
        self._steps = torch.zeros((), dtype=torch.int64)  # of this epoch
        self._sum_T, self._last_T, self._before_T = (torch.zeros(num_tasks, dtype=torch.float64) for _ in range(3))

    def begin(self, step: int, epoch: int) -> None:
        """With a new epoch the means move on by one."""
        if epoch == self._epoch:
            return
        if self._steps:
            self._before_T, self._last_T = self._last_T, self._sum_T / self._steps
        self._sum_T, self._steps = torch.zeros_like(self._sum_T), torch.zeros_like(self._steps)
        self._epoch = torch.full_like(self._epoch, epoch)

    def weights(self, num_tasks: int) -> Tensor:
        """Equation 7."""
        has_both_T = (self._before_T > 0) & (self._last_T > 0)
        ratios_T = torch.where(has_both_T, self._last_T / self._before_T.clamp(min=1e-300), 1.0)
        return num_tasks * (ratios_T / self._temperature).softmax(dim=0)

    def learn(self, task_losses_T: Tensor) -> None:
        """Add to this epoch's mean."""
        self._sum_T += task_losses_T.detach().cpu()
        self._steps += 1

    def state(self) -> dict[str, Tensor]:
        """This epoch so far, and the means of the two before."""
        counts = {"epoch": self._epoch, "steps": self._steps}
        return {**counts, "sum": self._sum_T, "last": self._last_T, "before": self._before_T}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The inverse of `state`."""
        self._epoch, self._steps = state["epoch"].clone(), state["steps"].clone()
        self._sum_T, self._last_T, self._before_T = (state[name].clone() for name in ("sum", "last", "before"))


class RandomLossWeighting(LossWeights):
    """λ = softmax(z), z ~ N(0, 1) for each task, drawn anew at each step.

    Lin, Ye, Zhang, Tsang, "Reasonable Effectiveness of Random Weighting", TMLR 2022. Not a stream: a resumed run draws
    the same, and so does every rank.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._step = seed, 0

    def begin(self, step: int, epoch: int) -> None:
        """The step decides what is drawn."""
        self._step = step

    def weights(self, num_tasks: int) -> Tensor:
        """Sum to 1."""
        generator = Generator().manual_seed(draw_seed(self._seed, self._step))
        return torch.randn(num_tasks, generator=generator).softmax(dim=0)
