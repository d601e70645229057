"""What each task loses on a batch.

Shape suffixes in this file:
    B batch   T tasks
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["task_losses"]


def task_losses(scores_BT: Tensor, labels_BT: Tensor, observed_BT: Tensor, is_binary_T: Tensor) -> Tensor:
    """L_k = sum over observed rows / max(1, observed rows): cross-entropy in nats, or squared error.

    Args:
        scores_BT: Logits of binary tasks, values of regression tasks.
        labels_BT: 0 or 1, or values; what stands where nothing was observed has no influence, not even a NaN.
        observed_BT: Which labels exist.
        is_binary_T: Which tasks are binary.

    Returns:
        One loss per task, shape (T,).
    """
    labels_BT = labels_BT.where(observed_BT, 0.0)
    cross_entropy_BT = functional.binary_cross_entropy_with_logits(scores_BT, labels_BT, reduction="none")
    loss_BT = torch.where(is_binary_T, cross_entropy_BT, (scores_BT - labels_BT).square())
    return loss_BT.where(observed_BT, 0.0).sum(dim=0) / observed_BT.sum(dim=0).clamp(min=1)
