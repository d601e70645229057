"""What moves a model's weights: the rows of the embedding table that a batch touched, and all layers.

Shape suffixes in this file:
    P numbers of all layers   U rows of the table that a batch touched   S embedding size
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..config import TrainConfig
from ..models import MultiTaskModel
from .row_optimizer import RowOptimizer
from .state import part
from .touched import Touched

__all__ = ["Gradients", "ModelOptimizer"]

_THE_ROW = torch.zeros(1, dtype=torch.int32)


@dataclass(frozen=True)
class Gradients:
    """Where a loss wants the weights to go.

    Attributes:
        layers_1P: Into every layer, side by side.
        rows_U: The rows of the table that were read, ascending, int32.
        table_US: Into those rows.
    """

    layers_1P: Tensor
    rows_U: Tensor
    table_US: Tensor


class ModelOptimizer:
    """Moves a model's weights.

    All layers lie side by side as a table of one row, which is moved every time.

    Args:
        model: Whose parameters are moved.
        config: Which optimiser, weight decay and clipping.
    """

    def __init__(self, model: MultiTaskModel, config: TrainConfig) -> None:
        layers = [parameter for parameter in model.parameters() if parameter.requires_grad]
        whole_1P = nn.Parameter(torch.cat([parameter.detach().flatten() for parameter in layers]).unsqueeze(0))
        self._model = model
        self._clip_norm, self._moves_all = config.clip_norm, config.moved_rows == "all"
        self._table = RowOptimizer(model.table.weight, config)
        self._layers = RowOptimizer(whole_1P, config)
        self._gradient_1P = torch.zeros_like(whole_1P)
        _lay_into(layers, whole_1P, self._gradient_1P)

    def zero_grad(self) -> None:
        """Forget the last step's gradients."""
        self._gradient_1P.zero_()

    def gradients(self, touched: Touched) -> Gradients:
        """What the last backward pass has left.

        Args:
            touched: The ids of the batch that it went through.
        """
        x_BD = self._model.x_BD
        assert x_BD is not None, "a step follows a forward pass"
        into_x_BD = torch.zeros_like(x_BD) if x_BD.grad is None else x_BD.grad
        gradient_US = self._model.table.gradient_of_rows(
            into_x_BD, len(touched.ids_U), touched.places_BK, touched.weights_BK
        )
        return Gradients(self._gradient_1P, touched.ids_U, gradient_US)

    def step(self, gradients: Gradients, learning_rate: float) -> None:
        """Move every layer, and of the table the rows that were read, or all; too long gradients are shortened."""
        if self._clip_norm is not None:
            norm = torch.hypot(gradients.layers_1P.norm(), gradients.table_US.norm())
            for gradient in (gradients.layers_1P, gradients.table_US):
                gradient *= (self._clip_norm / norm).clamp(max=1.0)
        self._layers.move(_THE_ROW.to(gradients.layers_1P.device), gradients.layers_1P, learning_rate)
        if self._moves_all:
            table_PS = self._model.table.weight
            all_P = torch.arange(len(table_PS), dtype=torch.int32, device=table_PS.device)
            gradient_PS = torch.zeros_like(table_PS, memory_format=torch.contiguous_format)
            gradient_PS[gradients.rows_U.long()] = gradients.table_US
            self._table.move(all_P, gradient_PS, learning_rate)
        else:
            self._table.move(gradients.rows_U, gradients.table_US, learning_rate)

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by `layers/KEY` and `table/KEY`; the live tensors, not copies."""
        parts = {"layers": self._layers, "table": self._table}
        return {f"{name}/{key}": value for name, rows in parts.items() for key, value in rows.state().items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what `state` gave; the inverse, bit by bit."""
        self._layers.load(part(state, "layers"))
        self._table.load(part(state, "table"))


def _lay_into(layers: Sequence[nn.Parameter], whole_1P: Tensor, gradient_1P: Tensor) -> None:
    """Let layers and their gradients be views of two stretches of memory, so that one call moves them all."""
    start = 0
    for layer in layers:
        place = slice(start, start := start + layer.numel())
        layer.data, layer.grad = whole_1P.data[0, place].view_as(layer), gradient_1P[0, place].view_as(layer)
