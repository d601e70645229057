"""Methods that compare the tasks' gradients: MetaBalance, and TorchJD's aggregators.

Each takes one backward pass per task instead of one for all. What is one task's own (its tower, its gate, its experts)
gets its gradient as it is; what tasks share gets Σ_k λ_k g_k.

Shape suffixes in this file:
    T tasks   L the embeddings that the batch read, then the layers
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torchjd.aggregation import (
    AlignedMTLWeighting,
    CAGradWeighting,
    IMTLGWeighting,
    MGDAWeighting,
    NashMTL,
    PCGradWeighting,
    UPGradWeighting,
)

from ... import config
from ...errors import TrainingError
from ...models import MultiTaskModel
from ..drawing import draw_seed
from ..gradients import TaskGradients
from ..ranks import Ranks
from .balancer import Balancer

__all__ = ["Aggregation", "Bargain", "MetaBalance", "gramian_weighting"]


def _task_gradients(task_losses_T: Tensor, model: MultiTaskModel, ranks: Ranks) -> TaskGradients:
    layers = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return TaskGradients(task_losses_T, model, layers, ranks)


class Aggregation(Balancer):
    """λ from the inner products of the tasks' gradients, by TorchJD (Quinton, Rey, arXiv:2406.16232).

    Args:
        method: What it is called, for messages.
        weighting: From the Gramian (T, T) to λ.
        seed: Of what it draws: not a stream, so that a resumed run draws the same, and so does every rank.
        ranks: Who has the other rows of a batch.
    """

    def __init__(self, method: str, weighting: Any, seed: int, ranks: Ranks) -> None:
        self._method, self._weighting, self._seed, self._ranks = method, weighting, seed, ranks
        self._step = 0

    def begin(self, step: int, epoch: int) -> None:
        """The step decides what is drawn."""
        self._step = step

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor:
        """Weigh what tasks share, leave the rest."""
        gradients = _task_gradients(task_losses_T, model, self._ranks)
        products_TT = gradients.products().cpu()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(draw_seed(self._seed, self._step))
            weights_T = self._agreed(products_TT)
        gradients.leave(weights_T.unsqueeze(0))
        return weights_T

    def _agreed(self, products_TT: Tensor) -> Tensor:
        try:
            weights_T: Tensor = self._weighting(products_TT)
        except Exception as error:  # three solvers, each with errors of its own
            raise self._helpless(str(error) or type(error).__name__) from error
        if not weights_T.isfinite().all():
            raise self._helpless("its weights are not numbers")
        return weights_T

    def _helpless(self, reason: str) -> TrainingError:
        return TrainingError(
            "At step {step} the balancing method {method} found no weights for the tasks' gradients: {reason}. "
            "Lower the learning rate, or choose another method. The last good checkpoint is kept.",
            step=self._step,
            method=self._method,
            reason=reason,
        )


class Bargain(Aggregation):
    """Nash-MTL: remembers what was agreed on last.

    Navon et al., "Multi-Task Learning as a Bargaining Game", ICML 2022, algorithm 1.
    """

    def __init__(self, settings: config.NashMTL, num_tasks: int, seed: int, ranks: Ranks) -> None:
        nash = NashMTL(num_tasks, settings.max_norm, settings.update_every).weighting
        super().__init__(settings.method, nash, seed, ranks)

    def _agreed(self, products_TT: Tensor) -> Tensor:
        with warnings.catch_warnings():
            # Slow, and no more than that.
            warnings.filterwarnings("ignore", "You are solving a parameterized problem that is not DPP")
            return super()._agreed(_with_products(products_TT))

    def state(self) -> dict[str, Tensor]:
        """What was agreed on, and after how many steps."""
        agreed_T = torch.as_tensor(self._weighting.prvs_alpha).double()
        return {"agreed": agreed_T, "steps": torch.tensor(int(self._weighting.step))}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The inverse of `state`."""
        steps = int(state["steps"])
        if steps:
            self._weighting.prvs_alpha = state["agreed"].numpy().copy()
            self._weighting._init_optim_problem()
            self._weighting.step = steps


class MetaBalance(Balancer):
    """Layer by layer, each other task's gradient is brought towards the length of the target's.

    He et al., "MetaBalance: Improving Multi-Task Recommendations via Adapting Gradient Magnitudes of Auxiliary Tasks",
    WWW 2022, algorithm 1: g ← r (m_target / m) g + (1 − r) g, where m is a moving average of a gradient's norm.
    """

    def __init__(self, settings: config.MetaBalance, target: int, ranks: Ranks) -> None:
        self._settings, self._target, self._ranks = settings, target, ranks
        self._lengths_LT: Tensor | None = None

    def backward(self, task_losses_T: Tensor, model: MultiTaskModel) -> Tensor:
        """Bring lengths together; λ is how much longer a task's whole shared gradient became."""
        gradients = _task_gradients(task_losses_T, model, self._ranks)
        squares_LT = gradients.products_by_layer().diagonal(dim1=1, dim2=2)
        weights_LT = self._weights(squares_LT.sqrt())
        gradients.leave(weights_LT)
        before_T, after_T = squares_LT.sum(dim=0), (weights_LT.square() * squares_LT).sum(dim=0)
        return torch.where(before_T > 0, (after_T / before_T.clamp(min=1e-300)).sqrt(), 1.0)

    def state(self) -> dict[str, Tensor]:
        """The moving averages of the lengths."""
        return {} if self._lengths_LT is None else {"lengths": self._lengths_LT}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The inverse of `state`."""
        self._lengths_LT = state["lengths"].clone() if "lengths" in state else None

    def _weights(self, norms_LT: Tensor) -> Tensor:
        beta, relax = self._settings.beta, self._settings.relax
        before_LT = torch.zeros_like(norms_LT) if self._lengths_LT is None else self._lengths_LT.to(norms_LT)
        self._lengths_LT = (beta * before_LT + (1 - beta) * norms_LT).cpu()
        lengths_LT = self._lengths_LT.to(norms_LT)
        ratios_LT = lengths_LT[:, [self._target]] / lengths_LT.clamp(min=1e-300)
        match self._settings.strategy:
            case "reduce":
                ratios_LT = ratios_LT.clamp(max=1)
            case "enlarge":
                ratios_LT = ratios_LT.clamp(min=1)
        is_compared_LT = (lengths_LT > 0) & (lengths_LT[:, [self._target]] > 0)
        return torch.where(is_compared_LT, relax * ratios_LT + (1 - relax), 1.0)


def gramian_weighting(settings: config.Balancing) -> Any:
    """TorchJD's weighting of a method that needs nothing but the Gramian."""
    match settings:
        case config.PCGrad():
            return PCGradWeighting()
        case config.MGDA():
            return MGDAWeighting()
        case config.CAGrad():
            return CAGradWeighting(c=settings.c)
        case config.IMTLG():
            return IMTLGWeighting()
        case config.AlignedMTL():
            return AlignedMTLWeighting()
        case config.UPGrad():
            return UPGradWeighting()
        case _:
            raise AssertionError(f"{settings.method} is not an aggregator of TorchJD")


def _with_products(products_TT: Tensor) -> Tensor:
    """A small matrix whose rows have these inner products, which is all that is asked of the gradients."""
    values_T, vectors_TT = torch.linalg.eigh(products_TT)
    rows_TT: Tensor = vectors_TT * values_T.clamp(min=0).sqrt()
    return rows_TT
