"""What weighed each task's loss over training: the weights that people set, the balancing method's, and both."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..records import StepRecord

__all__ = ["balance_over_time"]


def balance_over_time(steps: Sequence[StepRecord]) -> pd.DataFrame:
    """One row per step; columns (part, task), where part is `w`, `λ` or `λw`, their product.

    Args:
        steps: In order.

    Returns:
        λ is 1 where the method has none; empty without steps.
    """
    index = pd.Index([record.step for record in steps], name="step")
    set_by_people = pd.DataFrame([dict(record.task_weights) for record in steps], index=index, dtype=float)
    of_method = pd.DataFrame(
        [dict(record.balance or dict.fromkeys(record.task_weights, 1.0)) for record in steps], index=index, dtype=float
    )
    parts = {"w": set_by_people, "λ": of_method, "λw": of_method * set_by_people}
    return pd.concat(parts, axis=1, names=["part", "task"])
