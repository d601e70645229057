"""What each task loses on a batch.

Shape suffixes in this file:
    B batch   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["row_shares", "task_losses"]


def row_shares(observed_BT: Tensor, of_all_T: Tensor | None = None) -> Tensor:
    """What a row counts in its task's loss: 1 / max(1, observed rows), and 0 where nothing was observed.

    Args:
        observed_BT: Of these rows.
        of_all_T: Observed rows of the whole batch, where these are but some of it.
    """
    return observed_BT / (observed_BT.sum(dim=0) if of_all_T is None else of_all_T).clamp(min=1)


def task_losses(scores_BT: Tensor, labels_BT: Tensor, shares_BT: Tensor, regressions: Sequence[int] = ()) -> Tensor:
    """L_k = sum over observed rows / max(1, observed rows): cross-entropy in nats, or squared error.

    Args:
        scores_BT: Logits of binary tasks, values of regression tasks.
        labels_BT: 0 or 1, or values.
        shares_BT: What a row counts (`row_shares`).
        regressions: The columns of the regression tasks.

    Returns:
        One loss per task, shape (T,).
    """
    loss_BT = functional.binary_cross_entropy_with_logits(scores_BT, labels_BT, weight=shares_BT, reduction="none")
    if regressions:
        columns = torch.tensor(regressions, device=scores_BT.device)
        error_BR = (scores_BT - labels_BT)[:, columns].square() * shares_BT[:, columns]
        loss_BT = loss_BT.index_copy(1, columns, error_BR)
    return loss_BT.sum(dim=0)
