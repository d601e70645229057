"""Moves the rows of the embedding table that a batch touched, and no others.

Each id owns one stretch of memory: its weights, its moments, and (Adam) the step of its last move. So a touched row
costs one visit, however large the table is.

Shape suffixes in this file:
    P rows of the table   S embedding size   L numbers that a row owns   U touched rows   B batch   K ids of a row
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .. import kernels
from ..config import TrainConfig
from ..models import EmbeddingTable

__all__ = ["TableOptimizer", "Touched"]

_BETAS, _EPSILON, _ADAGRAD_EPSILON = (0.9, 0.999), 1e-8, 1e-10  # torch's
_CACHE_LINE_BYTES = 64
_COMPILED_ON = "cpu"  # elsewhere torch does the same
_MOMENTS = {"adam": ("exp_avg", "exp_avg_sq"), "adagrad": ("sum",), "sgd": ()}


@dataclass(frozen=True)
class Touched:
    """The ids of a batch, each once.

    Attributes:
        ids_U: Ascending, int32.
        places_BK: Which of them each id of the batch is; −1 on padding.
        weights_BK: How much each id counts within its field; None where every field has one.
    """

    ids_U: Tensor
    places_BK: Tensor
    weights_BK: Tensor | None

    @classmethod
    def by(cls, ids_BK: Tensor, weights_BK: Tensor | None = None) -> Touched:
        """Group a batch's ids (int32)."""
        weights = np.empty((0, 0), np.float32) if weights_BK is None else weights_BK.numpy()
        ids_U, places_BK = kernels.group_ids(ids_BK.numpy(), weights)
        return cls(torch.from_numpy(ids_U), torch.from_numpy(places_BK), weights_BK)


class TableOptimizer:
    """Adam, Adagrad or gradient descent by rows.

    Weight decay is L2 added to the gradient of the rows that a batch touches: a row that is away does not shrink.
    Adam is "lazy": moments and their corrections are those of dense Adam, but a row does not move while it is away.
    Where every id is in every batch, all three are PyTorch's dense optimisers.

    Args:
        table: Its weights move into rows of this optimiser.
        config: Which optimiser and weight decay.
    """

    def __init__(self, table: EmbeddingTable, config: TrainConfig) -> None:
        weights_PS = table.weight.data
        num_rows, size = weights_PS.shape
        self._table, self._method, self._weight_decay = table, config.optimizer, config.weight_decay
        self._moments, self._step = _MOMENTS[config.optimizer], 0
        width = size * (1 + len(self._moments)) + (config.optimizer == "adam")
        line = _CACHE_LINE_BYTES // weights_PS.element_size()
        self._rows_PL = weights_PS.new_zeros(num_rows, -(-width // line) * line)
        self._rows_PL[:, :size] = weights_PS
        table.weight.data = self._rows_PL[:, :size]
        self._steps_PL = self._rows_PL.view(torch.int32 if weights_PS.element_size() == 4 else torch.int64)
        self._decays = _powers(_BETAS[0], weights_PS.dtype), _powers(_BETAS[1], weights_PS.dtype)

    def step(self, gradient_BD: Tensor, touched: Touched, learning_rate: float) -> None:
        """Move the touched rows once.

        Args:
            gradient_BD: ∂L/∂x, x being the network's input.
            touched: The ids that were read.
            learning_rate: Of this step.
        """
        self._step += 1
        gradient_US = self._table.gradient_of_rows(
            gradient_BD, len(touched.ids_U), touched.places_BK, touched.weights_BK
        )
        if self._method == "adam" and gradient_US.device.type == _COMPILED_ON:
            kernels.move_by_adam(
                self._rows_PL.numpy(),
                self._steps_PL.numpy(),
                touched.ids_U.numpy(),
                gradient_US.numpy(),
                self._step,
                _BETAS,
                self._decays,
                learning_rate,
                self._weight_decay,
                _EPSILON,
            )
        else:
            self._move(touched.ids_U.long(), gradient_US, learning_rate)

    def state(self) -> dict[str, Tensor]:
        """Moments by name; live views, not copies."""
        size = self._table.weight.shape[1]
        state = {
            name: self._rows_PL[:, place * size : (place + 1) * size]
            for place, name in enumerate(self._moments, start=1)
        }
        if self._method == "adam":
            state |= {"last_step": self._steps_PL[:, 3 * size], "step": torch.tensor(self._step)}
        return state

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        self._step = int(state["step"]) if "step" in state else 0
        for name, there in self.state().items():
            there.copy_(state[name])

    def _move(self, ids_U: Tensor, gradient_US: Tensor, learning_rate: float) -> None:
        """The same in torch's words, for every method and device."""
        size = gradient_US.shape[1]
        rows_UL = self._rows_PL[ids_U]
        weights_US = rows_UL[:, :size]
        gradient_US = gradient_US + self._weight_decay * weights_US
        match self._method:
            case "sgd":
                weights_US -= learning_rate * gradient_US
            case "adagrad":
                sum_US = rows_UL[:, size : 2 * size]
                sum_US += gradient_US.square()
                weights_US -= learning_rate * gradient_US / (sum_US.sqrt() + _ADAGRAD_EPSILON)
            case "adam":
                away_U = self._step - self._steps_PL[ids_U, 3 * size].long()
                for moment, (beta, decay, fresh) in enumerate(
                    zip(_BETAS, self._decays, (gradient_US, gradient_US.square()), strict=True), start=1
                ):
                    kept_U = torch.from_numpy(decay).to(ids_U.device)[away_U.clamp(max=len(decay) - 1)]
                    place = slice(moment * size, (moment + 1) * size)
                    rows_UL[:, place] = kept_U.unsqueeze(1) * rows_UL[:, place] + (1 - beta) * fresh
                first_US, second_US = rows_UL[:, size : 2 * size], rows_UL[:, 2 * size : 3 * size]
                corrected_US = (second_US / (1 - _BETAS[1] ** self._step)).sqrt() + _EPSILON
                weights_US -= learning_rate / (1 - _BETAS[0] ** self._step) * first_US / corrected_US
        self._rows_PL[ids_U] = rows_UL
        if self._method == "adam":
            self._steps_PL[ids_U, 3 * size] = self._step


def _powers(beta: float, dtype: torch.dtype) -> np.ndarray:
    """β^Δ for Δ = 0, 1, … until it is below the number's precision."""
    enough = int(np.log(torch.finfo(dtype).eps) / np.log(beta)) + 1
    return np.append(beta ** np.arange(enough), 0.0).astype(torch.empty(0, dtype=dtype).numpy().dtype)
