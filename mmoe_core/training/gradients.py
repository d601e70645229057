"""What each task's loss wants, before they are added up: do the tasks pull what they share the same way?

Shape suffixes in this file:
    T tasks   X the batch's embeddings of the fields, one after the other   L layers   P numbers of all shared layers
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..models import MultiTaskModel
from .ranks import ALONE, Ranks

__all__ = ["TaskGradients", "shared_gradients"]


class TaskGradients:
    """The gradient of each task's loss into the embeddings that a batch read, and into layers.

    Taken at what was gathered for the batch, never over the whole table. The graph is kept.

    Args:
        task_losses_T: w_k L_k.
        model: Fresh from the forward pass that made the losses.
        layers: Into which; of these only what several tasks share is compared.
        ranks: Who has the other rows of the batch.
    """

    def __init__(
        self, task_losses_T: Tensor, model: MultiTaskModel, layers: Sequence[nn.Parameter], ranks: Ranks = ALONE
    ) -> None:
        assert model.x_BD is not None, "nothing was read yet"
        self._x_BD, self._layers, self._ranks = model.x_BD, layers, ranks
        self._num_columns = model.table.num_columns  # the values beside them learn nothing
        masks = dict(model.shared_layers())
        self._is_shared = [masks.get(layer) for layer in layers]
        by_task = [
            torch.autograd.grad(loss, (self._x_BD, *layers), retain_graph=True, materialize_grads=True)
            for loss in task_losses_T
        ]
        self._into_x, *self._into_layers = (torch.stack(tensors) for tensors in zip(*by_task, strict=True))

    def products(self) -> Tensor:
        """⟨g_k, g_l⟩ over all that tasks share, of the whole batch: (T, T), double."""
        return self.products_by_layer().sum(dim=0)

    def products_by_layer(self) -> Tensor:
        """The same apart: of the embeddings, then of each layer, 0 where nothing is shared; (1 + L, T, T)."""
        rows_TX = self._into_x[:, :, : self._num_columns].flatten(1).double()  # float32 squares overflow
        num_tasks = len(rows_TX)
        shared = [
            into_layer.flatten(1)[:, is_shared.flatten()].double()
            for into_layer, is_shared in zip(self._into_layers, self._is_shared, strict=True)
            if is_shared is not None
        ]
        layers_TP = torch.cat([rows_TX.new_empty(num_tasks, 0), *shared], dim=1)
        summed = self._ranks.sum(torch.cat([(rows_TX @ rows_TX.T).flatten(), layers_TP.flatten()]))
        layers_TP = summed[num_tasks**2 :].view_as(layers_TP)  # nobody else has my rows
        parts = iter(torch.split(layers_TP, [part.shape[1] for part in shared], dim=1))
        found = [summed[: num_tasks**2].view(num_tasks, num_tasks)]
        for is_shared in self._is_shared:
            part_TP = layers_TP[:, :0] if is_shared is None else next(parts)
            found.append(part_TP @ part_TP.T)
        return torch.stack(found)

    def leave(self, weights_LT: Tensor) -> None:
        """Add to the gradients of input and layers: what is shared by weights, what is one task's own as it is.

        Args:
            weights_LT: λ for the embeddings, then for each layer; or of one row for all of them.
        """
        weights_LT = weights_LT.to(self._into_x).expand(1 + len(self._layers), -1)
        into_x_BD = torch.einsum("t,tbd->bd", weights_LT[0], self._into_x)
        self._x_BD.grad = into_x_BD if self._x_BD.grad is None else self._x_BD.grad + into_x_BD
        for layer, into_layer, is_shared, weights_T in zip(
            self._layers, self._into_layers, self._is_shared, weights_LT[1:], strict=True
        ):
            gradient = into_layer.sum(dim=0)
            if is_shared is not None:
                weighted = torch.tensordot(weights_T, into_layer, dims=1)
                gradient = torch.where(is_shared, weighted, gradient)
            layer.grad = gradient if layer.grad is None else layer.grad.add_(gradient)


def shared_gradients(
    task_losses_T: Tensor, model: MultiTaskModel, ranks: Ranks = ALONE
) -> tuple[list[float], float | None]:
    """Gradient norm of each task in what tasks share, and the cosine between the first two tasks' gradients.

    The graph is kept for the update that follows.

    Args:
        task_losses_T: w_k L_k, shape (T,).
        model: Fresh from the forward pass that made the losses.
        ranks: Who has the other rows of the batch.

    Returns:
        T norms, and the cosine; `None` with one task, or where a gradient is 0.
    """
    layers = [layer for layer, _ in model.shared_layers()]
    products_TT = TaskGradients(task_losses_T, model, layers, ranks).products()
    norms_T = products_TT.diagonal().sqrt().tolist()
    if len(norms_T) < 2 or not norms_T[0] * norms_T[1] > 0:
        return norms_T, None
    cosine = float(products_TT[0, 1]) / (norms_T[0] * norms_T[1])
    return norms_T, min(1.0, max(-1.0, cosine))
