"""Moves some rows of a table, and no others.

Each row owns one stretch of memory: its weights, its moments, and (Adam) the step of its last move. So a row costs one
visit, however large the table is.

Shape suffixes in this file:
    P rows of the table   S numbers of a row   L numbers that a row owns here   U rows that are moved
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .. import kernels
from ..config import TrainConfig

__all__ = ["RowOptimizer"]

_BETAS, _EPSILON, _ADAGRAD_EPSILON = (0.9, 0.999), 1e-8, 1e-10  # torch's
_CACHE_LINE_BYTES = 64
_COMPILED_ON = "cpu"  # elsewhere torch does the same
_MOMENTS = {"adam": ("exp_avg", "exp_avg_sq"), "adagrad": ("sum",), "sgd": ()}


class RowOptimizer:
    """Adam, Adagrad or gradient descent by rows.

    Weight decay is L2 added to the gradient of the rows that are moved: a row that is away does not shrink. Adam is
    "lazy": moments and their corrections are those of dense Adam, but a row does not move while it is away. Where every
    row is moved every time, all three are PyTorch's optimisers.

    Args:
        table: Shape (P, S); its numbers move into the rows of this optimiser.
        config: Which optimiser and weight decay.
    """

    def __init__(self, table: nn.Parameter, config: TrainConfig) -> None:
        weights_PS = table.data
        num_rows, self._size = weights_PS.shape
        self._method, self._weight_decay = config.optimizer, config.weight_decay
        self._moments, self._step = _MOMENTS[config.optimizer], 0
        width = self._size * (1 + len(self._moments)) + (config.optimizer == "adam")
        line = _CACHE_LINE_BYTES // weights_PS.element_size()
        dtype = torch.empty(0, dtype=weights_PS.dtype).numpy().dtype
        rows_PL = np.zeros((num_rows, -(-width // line) * line), dtype)  # numpy asks for large pages, torch does not
        self._rows_PL = torch.from_numpy(rows_PL).to(weights_PS.device)
        self._rows_PL[:, : self._size] = weights_PS
        table.data = self._rows_PL[:, : self._size]
        self._steps_PL = self._rows_PL.view(torch.int32 if weights_PS.element_size() == 4 else torch.int64)
        self._decays = _powers(_BETAS[0], dtype), _powers(_BETAS[1], dtype)

    def move(self, rows_U: Tensor, gradient_US: Tensor, learning_rate: float) -> None:
        """Move some rows once.

        Args:
            rows_U: Which, each once, int32.
            gradient_US: Their gradients.
            learning_rate: Of this step.
        """
        self._step += 1
        if self._method == "adam" and gradient_US.device.type == _COMPILED_ON:
            kernels.move_by_adam(
                self._rows_PL.numpy(),
                self._steps_PL.numpy(),
                rows_U.numpy(),
                gradient_US.numpy(),
                self._step,
                _BETAS,
                self._decays,
                learning_rate,
                self._weight_decay,
                _EPSILON,
            )
        else:
            self._move(rows_U.long(), gradient_US, learning_rate)

    def state(self) -> dict[str, Tensor]:
        """Moments by name; live views, not copies."""
        state = {name: self._block(self._rows_PL, place) for place, name in enumerate(self._moments, start=1)}
        if self._method == "adam":
            state |= {"last_step": self._steps_PL[:, 3 * self._size], "step": torch.tensor(self._step)}
        return state

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        self._step = int(state["step"]) if "step" in state else 0
        for name, there in self.state().items():
            there.copy_(state[name])

    def _block(self, rows_UL: Tensor, place: int) -> Tensor:
        """Of rows, the weights (0) or a moment."""
        return rows_UL[:, place * self._size : (place + 1) * self._size]

    def _move(self, rows_U: Tensor, gradient_US: Tensor, learning_rate: float) -> None:
        """The same in torch's words, for every method and device."""
        rows_UL = self._rows_PL[rows_U]
        weights_US = self._block(rows_UL, 0)
        gradient_US = gradient_US + self._weight_decay * weights_US
        match self._method:
            case "sgd":
                weights_US -= learning_rate * gradient_US
            case "adagrad":
                sum_US = self._block(rows_UL, 1)
                sum_US += gradient_US.square()
                weights_US -= learning_rate * gradient_US / (sum_US.sqrt() + _ADAGRAD_EPSILON)
            case "adam":
                away_U = self._step - self._steps_PL[rows_U, 3 * self._size].long()
                fresh = (gradient_US, gradient_US.square())
                for place, (beta, decay, new_US) in enumerate(zip(_BETAS, self._decays, fresh, strict=True), start=1):
                    kept_U = torch.from_numpy(decay).to(rows_U.device)[away_U.clamp(max=len(decay) - 1)]
                    moment_US = self._block(rows_UL, place)
                    moment_US.copy_(kept_U.unsqueeze(1) * moment_US + (1 - beta) * new_US)
                first_US, second_US = self._block(rows_UL, 1), self._block(rows_UL, 2)
                spread_US = (second_US / (1 - _BETAS[1] ** self._step)).sqrt() + _EPSILON
                weights_US -= learning_rate / (1 - _BETAS[0] ** self._step) * first_US / spread_US
        self._rows_PL[rows_U] = rows_UL
        if self._method == "adam":
            self._steps_PL[rows_U, 3 * self._size] = self._step


def _powers(beta: float, dtype: np.dtype) -> np.ndarray:
    """β^Δ for Δ = 0, 1, … until it is below the number's precision."""
    enough = int(np.log(np.finfo(dtype).eps) / np.log(beta)) + 1
    return np.append(beta ** np.arange(enough), 0.0).astype(dtype)
