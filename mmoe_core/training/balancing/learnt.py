"""Weights that are learnt with the network: uncertainty weighting and GradNorm.

Shape suffixes in this file:
    T tasks   P numbers of the last layer that all tasks share   X the batch's embeddings
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ... import config
from ...models import MultiTaskModel
from ..ranks import Ranks
from ..row_optimizer import RowOptimizer
from .balancer import Balancer, LossWeights

__all__ = ["GradNorm", "UncertaintyWeighting"]

_SMALLEST = 1e-4  # of a weight: at 0 a task would be gone for good
_ADAM = config.TrainConfig(optimizer="adam")
_ALL = torch.zeros(1, dtype=torch.int32)


class _Learnt:
    """A few numbers, one per task, that Adam moves."""

    def __init__(self, initial_T: Tensor, learning_rate: float) -> None:
        numbers_1T = nn.Parameter(initial_T.unsqueeze(0))
        self._adam, self._numbers_1T, self._learning_rate = RowOptimizer(numbers_1T, _ADAM), numbers_1T, learning_rate

    @property
    def values(self) -> Tensor:
        """As they are now, (T,); a view."""
        return self._numbers_1T.data[0]

    def move(self, gradient_T: Tensor) -> None:
        self._adam.move(_ALL, gradient_T.to(self.values).unsqueeze(0), self._learning_rate)

    def state(self) -> dict[str, Tensor]:
        return {"values": self.values.clone(), **self._adam.state()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self.values.copy_(state["values"])
        self._adam.load({name: tensor for name, tensor in state.items() if name != "values"})


class UncertaintyWeighting(LossWeights):
    """A noise level σ_k per task is learnt, as s_k = log σ_k².

    Kendall, Gal, Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses", CVPR 2018, equations 7 and 10:
    minimises Σ_k c_k L_k e^{−s_k} + s_k / 2 with c = 1 for a binary task and 1/2 for a regression, so that
    λ_k = c_k e^{−s_k}, which settles at 1 / (2 L_k) for both. torch-rechub's form minimises 2 L_k e^{−s_k} + s_k with
    s_k ≥ 0, so that λ_k = 2 e^{−s_k} = min(2, 1 / L_k).
    """

    def __init__(self, settings: config.UncertaintyWeighting, kinds: Sequence[str]) -> None:
        self._is_clamped = settings.form == "rechub"
        as_published = torch.tensor([1.0 if kind == "binary" else 0.5 for kind in kinds])
        self._scales_T = torch.full_like(as_published, 2.0) if self._is_clamped else as_published
        self._slope = 1.0 if self._is_clamped else 0.5  # of the term that keeps σ from growing
        self._s = _Learnt(torch.zeros(len(kinds)), settings.learning_rate)

    def weights(self, num_tasks: int) -> Tensor:
        """c_k e^{−s_k}, or 2 e^{−s_k}."""
        return self._scales_T * (-self._s.values).exp()

    def learn(self, task_losses_T: Tensor) -> None:
        """Move s down the slope of the objective."""
        self._s.move(self._slope - self.weights(len(task_losses_T)) * task_losses_T.detach().cpu())
        if self._is_clamped:
            self._s.values.clamp_(min=0)

    def state(self) -> dict[str, Tensor]:
        """s, and Adam's moments."""
        return self._s.state()

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The inverse of `state`."""
        self._s.load(state)


class GradNorm(Balancer):
    """λ is moved so that each task's gradient norm in the last shared layer approaches the mean norm · r_k^α.

    Chen et al., "GradNorm", ICML 2018, algorithm 1. r_k is how little task k has learnt, L_k / L_k(first step), over
    the mean of that over the tasks. λ moves by Adam and sums to T after every step. Where tasks share nothing but
    embeddings, those that the batch read are the last shared layer.
    """

    def __init__(self, settings: config.GradNorm, num_tasks: int, ranks: Ranks) -> None:
        self._alpha, self._ranks = settings.alpha, ranks
        self._weights = _Learnt(torch.ones(num_tasks), settings.learning_rate)
        self._first_T = torch.zeros(num_tasks, dtype=torch.float64)  # 0: the task was not seen yet
        self._norms_T = torch.zeros(num_tasks, dtype=torch.float64)

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor:
        """Measure the norms, then back-propagate the weighted sum."""
        weights_T = self._weights.values.to(task_losses_T, copy=True)
        self._norms_T = self._norms(task_losses_T, model).cpu()
        (weights_T * task_losses_T).sum().backward()  # type: ignore[no-untyped-call]
        return weights_T

    def learn(self, task_losses_T: Tensor) -> None:
        """Move λ, then bring its sum back to T."""
        losses_T = task_losses_T.detach().cpu().double()
        self._first_T = torch.where(self._first_T > 0, self._first_T, losses_T)
        left_T = torch.where(self._first_T > 0, losses_T / self._first_T.clamp(min=1e-300), 1.0)
        rates_T = left_T / left_T.mean().clamp(min=1e-300)
        norms_T = self._weights.values.double() * self._norms_T
        wanted_T = norms_T.mean() * rates_T**self._alpha
        self._weights.move((norms_T - wanted_T).sign() * self._norms_T)  # of Σ_k |λ_k ‖∇L_k‖ − wanted_k|, wanted held
        values_T = self._weights.values.clamp_(min=_SMALLEST)
        values_T *= len(values_T) / values_T.sum()

    def state(self) -> dict[str, Tensor]:
        """λ, Adam's moments, the first losses."""
        return {"first": self._first_T, **self._weights.state()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The inverse of `state`."""
        self._first_T = state["first"].clone()
        self._weights.load({name: tensor for name, tensor in state.items() if name != "first"})

    def _norms(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor:
        """‖∇_W w_k L_k‖ over the whole batch, double."""
        last = model.last_shared_layer()
        if last is None:
            assert model.x_BD is not None, "nothing was read yet"
            columns = slice(0, model.table.num_columns)
            into = [torch.autograd.grad(loss, model.x_BD, retain_graph=True)[0][:, columns] for loss in task_losses_T]
            squares_T = torch.stack([gradient.double().square().sum() for gradient in into])
            return self._ranks.sum(squares_T).sqrt()  # nobody else has my rows
        layer, is_shared = last
        into = [torch.autograd.grad(loss, layer, retain_graph=True)[0][is_shared].double() for loss in task_losses_T]
        norms_T: Tensor = self._ranks.sum(torch.stack(into)).norm(dim=1)
        return norms_T
