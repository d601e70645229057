"""Who has how much of the loss, and who moves the shared layers: two shares that are seldom alike.

    loss share of k      w_k L_k / sum over j of w_j L_j
    gradient share of k  ||w_k dL_k/d(shared)|| / sum over j of ||w_j dL_j/d(shared)||

A rare task's loss is small because it is rare, not because it is learnt. Norms say how hard each task pulls, not
whether all pull the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..records import StepRecord

__all__ = ["mean_shares", "shares_over_time"]

_WINDOWS = 40  # batches are few rows of a rare task: shares of single steps are mostly noise


def shares_over_time(steps: Sequence[StepRecord]) -> pd.DataFrame:
    """Shares in equal windows of training; one row per window, named by its last step.

    Args:
        steps: In order.

    Returns:
        Columns (part, task), part `loss` or `gradient`; NaN in a window where no gradient was looked at, as in all of
        single-task networks. Empty without steps.
    """
    if not steps:
        return pd.DataFrame(columns=pd.MultiIndex.from_product([("loss", "gradient"), ()], names=["part", "task"]))
    width = -(-len(steps) // _WINDOWS)
    windows = [steps[start : start + width] for start in range(0, len(steps), width)]
    index = pd.Index([window[-1].step for window in windows], name="step")
    return pd.DataFrame([mean_shares(window) for window in windows], index=index)


def mean_shares(steps: Sequence[StepRecord]) -> pd.Series:
    """Both shares over all these steps together: sums over sums.

    Args:
        steps: At least one.

    Returns:
        Index (part, task), as the columns of `shares_over_time`.
    """
    tasks = [*steps[0].task_losses]
    losses = {task: sum(step.task_weights[task] * step.task_losses[task] for step in steps) for task in tasks}
    norms = [step.gradient_norms for step in steps if step.gradient_norms]
    pulls = {task: sum(norm[task] for norm in norms) for task in tasks}
    parts = {"loss": _shares(losses), "gradient": _shares(pulls)}
    shares: pd.Series = pd.concat(parts, names=["part", "task"])
    return shares


def _shares(amounts: dict[str, float]) -> pd.Series:
    found = pd.Series(amounts, dtype=float).rename_axis("task")
    total = found.sum()
    return found / total if total else found * float("nan")
