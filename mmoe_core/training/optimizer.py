"""The optimisers of a run behind one face: PyTorch's for the layers, by rows for the embedding table."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim import SGD, Adagrad, Adam, Optimizer

from ..config import TrainConfig
from ..models import MultiTaskModel
from .table_optimizer import TableOptimizer, Touched

__all__ = ["ModelOptimizer"]

_LAYERS: dict[str, Callable[..., Optimizer]] = {"adam": Adam, "adagrad": Adagrad, "sgd": SGD}
_TABLE = "table.weight"


class ModelOptimizer:
    """Moves a model's weights.

    Args:
        model: Whose parameters are moved.
        config: Which optimiser, learning rate and weight decay.
    """

    def __init__(self, model: MultiTaskModel, config: TrainConfig) -> None:
        self._model = model
        self._layers = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        self._optimizer = _LAYERS[config.optimizer](
            self._layers.values(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
        )
        self._table_optimizer = TableOptimizer(model.table, config)
        self._learning_rate = config.learning_rate

    def zero_grad(self) -> None:
        """Forget the last step's gradients."""
        self._optimizer.zero_grad()

    def step(self, touched: Touched) -> None:
        """Move every layer, and the rows of the table that the batch touched."""
        self._optimizer.step()
        x_BD = self._model.x_BD
        if x_BD is not None and x_BD.grad is not None:
            self._table_optimizer.step(x_BD.grad, touched, self._learning_rate)

    def set_learning_rate(self, learning_rate: float) -> None:
        """From the next step on."""
        self._learning_rate = learning_rate
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by `parameter/key`; the live tensors, not copies."""
        layers = {
            f"{name}/{key}": torch.as_tensor(value)
            for name, parameter in self._layers.items()
            for key, value in self._optimizer.state[parameter].items()
        }
        return layers | {f"{_TABLE}/{key}": value for key, value in self._table_optimizer.state().items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        of_table = {}
        for full_name, value in state.items():
            name, key = full_name.rsplit("/", maxsplit=1)
            if name == _TABLE:
                of_table[key] = value
            else:
                self._optimizer.state[self._layers[name]][key] = value.clone()
        self._table_optimizer.load(of_table)
