"""Do the tasks pull the shared layers the same way?

Shape suffixes in this file:
    T tasks   D the batch's embeddings of the fields, one after the other   P numbers of the experts' weights
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..models import MultiTaskModel
from .ranks import ALONE, Ranks

__all__ = ["shared_gradients"]


def shared_gradients(
    task_losses_T: Tensor, model: MultiTaskModel, ranks: Ranks = ALONE
) -> tuple[list[float], float | None]:
    """Gradient norm of each task in the shared layers, and the cosine between the first two tasks' gradients.

    Taken at what was gathered for the batch, never over the whole table. The graph is kept for the update that follows.

    Args:
        task_losses_T: w_k L_k, shape (T,).
        model: Fresh from the forward pass that made the losses.
        ranks: Who has the other rows of the batch.

    Returns:
        T norms, and the cosine; `None` with one task, or where a gradient is 0.
    """
    into_rows, into_layers = zip(*(_gradient(loss, model) for loss in task_losses_T), strict=True)
    rows_TD, layers_TP = torch.stack(into_rows).double(), torch.stack(into_layers).double()  # float32 squares overflow
    num_tasks = len(task_losses_T)
    products = ranks.sum(torch.cat([(rows_TD @ rows_TD.T).flatten(), layers_TP.flatten()]))  # nobody else has my rows
    layers_TP = products[num_tasks**2 :].view_as(layers_TP)
    products_TT = products[: num_tasks**2].view(num_tasks, num_tasks) + layers_TP @ layers_TP.T
    norms_T = products_TT.diagonal().sqrt().tolist()
    if len(norms_T) < 2 or not norms_T[0] * norms_T[1] > 0:
        return norms_T, None
    cosine = float(products_TT[0, 1]) / (norms_T[0] * norms_T[1])
    return norms_T, min(1.0, max(-1.0, cosine))


def _gradient(loss: Tensor, model: MultiTaskModel) -> tuple[Tensor, Tensor]:
    """Into the embeddings that the batch read, and into the experts."""
    into_x_BD, *into_experts = torch.autograd.grad(loss, model.shared(), retain_graph=True)
    into_embeddings = into_x_BD[:, : model.table.num_columns]  # the values beside them learn nothing
    return into_embeddings.flatten(), torch.cat([part.flatten() for part in into_experts])
