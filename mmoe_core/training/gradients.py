"""Do the tasks pull the shared layers the same way?

Shape suffixes in this file:
    T tasks   P shared numbers: the batch's embeddings of the fields and the experts' weights
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..models import MultiTaskModel

__all__ = ["shared_gradients"]


def shared_gradients(task_losses_T: Tensor, model: MultiTaskModel) -> tuple[list[float], float | None]:
    """Gradient norm of each task in the shared layers, and the cosine between the first two tasks' gradients.

    Taken at what was gathered for the batch, never over the whole table. The graph is kept for the update that follows.

    Args:
        task_losses_T: w_k L_k, shape (T,).
        model: Fresh from the forward pass that made the losses.

    Returns:
        T norms, and the cosine; `None` with one task, or where a gradient is 0.
    """
    gradients_TP = torch.stack([_gradient(loss, model) for loss in task_losses_T])
    gradients_TP = gradients_TP.double()  # squares of large gradients leave float32's range
    norms_T = gradients_TP.norm(dim=1).tolist()
    if len(norms_T) < 2 or not norms_T[0] * norms_T[1] > 0:
        return norms_T, None
    cosine = float(gradients_TP[0] @ gradients_TP[1]) / (norms_T[0] * norms_T[1])
    return norms_T, min(1.0, max(-1.0, cosine))


def _gradient(loss: Tensor, model: MultiTaskModel) -> Tensor:
    into_x_BD, *into_experts = torch.autograd.grad(loss, model.shared(), retain_graph=True)
    into_embeddings = into_x_BD[:, : model.table.num_columns]  # the values beside them learn nothing
    return torch.cat([into_embeddings.flatten(), *(part.flatten() for part in into_experts)])
