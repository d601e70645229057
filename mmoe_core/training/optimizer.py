"""The optimisers of a run behind one face.

A small table is moved densely, like everything else. A large one (`MultiTaskModel.has_sparse_gradient`) is moved only
in the rows that the batch touched: Adam becomes PyTorch's lazy SparseAdam there, and weight decay acts on those rows.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adagrad, Adam, Optimizer, SparseAdam

from ..config import TrainConfig
from ..models import MultiTaskModel

__all__ = ["ModelOptimizer"]

_DENSE: dict[str, Callable[..., Optimizer]] = {"adam": Adam, "adagrad": Adagrad, "sgd": SGD}
_SPARSE: dict[str, Callable[..., Optimizer]] = {"adam": SparseAdam, "adagrad": Adagrad, "sgd": SGD}


class ModelOptimizer:
    """Moves a model's weights.

    Args:
        model: Whose parameters are moved.
        config: Which optimiser, learning rate and weight decay.
    """

    def __init__(self, model: MultiTaskModel, config: TrainConfig) -> None:
        self._parameters = dict(model.named_parameters())
        self._weight_decay = config.weight_decay
        self._sparse = {"table": model.table} if model.has_sparse_gradient else {}
        dense = [parameter for name, parameter in self._parameters.items() if name not in self._sparse]
        settings = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "fused": True}
        self._dense_optimizer = _DENSE[config.optimizer](dense, **settings)
        self._optimizers = [self._dense_optimizer]
        if self._sparse:
            # PyTorch warns until somebody chooses.
            torch.sparse.check_sparse_tensor_invariants.disable()  # type: ignore[no-untyped-call]
            self._sparse_optimizer = _SPARSE[config.optimizer](self._sparse.values(), lr=config.learning_rate)
            self._optimizers.append(self._sparse_optimizer)

    def zero_grad(self) -> None:
        """Forget the last step's gradients."""
        for optimizer in self._optimizers:
            optimizer.zero_grad()

    def step(self) -> None:
        """Move every weight once."""
        if self._weight_decay:
            for table in self._sparse.values():
                _decay_touched_rows(table, self._weight_decay)
        for optimizer in self._optimizers:
            optimizer.step()

    def set_learning_rate(self, learning_rate: float) -> None:
        """From the next step on."""
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by `parameter/key`; the live tensors, not copies."""
        return {
            f"{name}/{key}": torch.as_tensor(value)
            for name in self._parameters
            for key, value in self._moments(name).items()
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        for full_name, value in state.items():
            name, key = full_name.rsplit("/", maxsplit=1)
            counts_in_python = key == "step" and name in self._sparse and isinstance(self._sparse_optimizer, SparseAdam)
            self._moments(name)[key] = int(value) if counts_in_python else value.clone()

    def _moments(self, name: str) -> dict[str, Tensor | int]:
        optimizer = self._sparse_optimizer if name in self._sparse else self._dense_optimizer
        moments: dict[str, Tensor | int] = optimizer.state[self._parameters[name]]
        return moments


def _decay_touched_rows(table: nn.Parameter, weight_decay: float) -> None:
    assert table.grad is not None, "a table is read in every forward pass"
    touched = table.grad.coalesce()
    decay = weight_decay * table.detach()[touched.indices()[0]]
    table.grad = torch.sparse_coo_tensor(touched.indices(), touched.values() + decay, table.shape, is_coalesced=True)
