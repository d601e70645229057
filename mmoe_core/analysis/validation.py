"""How a run did on validation while it trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from ..records import EpochRecord, EvaluationRecord, Record, TaskMetrics

__all__ = ["mean_curve", "validation_curve"]

_COLUMNS = ["task", "step", "value", "low", "high", "positives"]


def validation_curve(records: Iterable[Record]) -> pd.DataFrame:
    """One row per task and look at validation, in order of steps: AUC with its interval, or a regression's RMSE.

    Between epochs a run looks at a sample of validation, at an epoch's end at all of it; where both fall on one step
    the whole is kept.

    Args:
        records: A run's stream, or its `evaluation` and `epoch` records.

    Returns:
        Columns task, step, value, low, high, positives; NaN where a measure has no interval or no positives. What is
        undefined is left out.
    """
    looks = [record for record in records if isinstance(record, EvaluationRecord | EpochRecord)]
    by_place = {
        (task, look.step): _cells(found)
        for look in sorted(looks, key=lambda look: (look.step, look.kind == "epoch"))
        for task, found in look.metrics.items()
    }
    rows = [(*place, *cells) for place, cells in by_place.items() if cells[0] is not None]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({"step": int, **dict.fromkeys(_COLUMNS[2:], float)})


def mean_curve(curves: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The mean of several runs' curves, with the range of their values for low and high.

    Args:
        curves: From `validation_curve`, at least one; of runs that looked at the same rows.

    Returns:
        The same columns, at the steps that all of them looked at.
    """
    looks = pd.concat(curves).groupby(["task", "step"], sort=False)
    found = looks.agg(
        value=("value", "mean"), low=("value", "min"), high=("value", "max"), positives=("positives", "first")
    )
    return found[looks.size() == len(curves)].reset_index()[_COLUMNS]


def _cells(found: TaskMetrics) -> tuple[float | None, float | None, float | None, int | None]:
    if found.kind == "regression":
        return found.rmse, None, None, None
    return found.auc, found.auc_low, found.auc_high, found.positives
