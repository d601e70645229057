"""What the lens said of experts as tables: how alike, how dead, and what it costs to do without them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import pandas as pd

from .lens.asked import Difference, ExpertsCompared, Operated

__all__ = ["dead_over_time", "expert_similarity", "knock_out_costs", "similarity_over_time"]


def expert_similarity(found: ExpertsCompared, *, level: int) -> pd.DataFrame:
    """Linear CKA, experts both ways; NaN where it is undefined."""
    here = found.levels[level]
    return pd.DataFrame(here.similarity_EE, index=list(here.experts), columns=list(here.experts), dtype=float)


def similarity_over_time(by_epoch: Mapping[int, ExpertsCompared], *, level: int) -> pd.DataFrame:
    """Linear CKA of every pair: a row per epoch, a column (expert, other expert) per pair."""
    rows = {epoch: _pairs(expert_similarity(answer, level=level)) for epoch, answer in by_epoch.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def dead_over_time(by_epoch: Mapping[int, ExpertsCompared], *, level: int) -> pd.DataFrame:
    """Share of an expert's units, over all its layers, that are dead: a row per expert, a column per epoch.

    Each layer counts alike, however wide it is.
    """
    columns = {epoch: pd.DataFrame(answer.levels[level].dead_LE).mean() for epoch, answer in by_epoch.items()}
    experts = list(next(iter(by_epoch.values())).levels[level].experts) if by_epoch else []
    return pd.DataFrame(columns).set_axis(experts, axis=0)


def knock_out_costs(by_expert: Mapping[str, Operated]) -> pd.DataFrame:
    """What each task loses without each expert, the worse the higher.

    Returns:
        Columns expert, task, measure, cost, low, high and is_distinguishable. The measure is `loss`, and `AUC` or, of a
        regression, `RMSE`; an AUC's cost is what it falls by. NaN where undefined.
    """
    rows = []
    for expert, operated in by_expert.items():
        for task in operated.tasks:
            is_regression = task.before.kind == "regression"
            rows.append((expert, task.task, "loss", *_cost(task.loss, sign=1)))
            quality = (
                ("RMSE", *_cost(task.quality, sign=1)) if is_regression else ("AUC", *_cost(task.quality, sign=-1))
            )
            rows.append((expert, task.task, *quality))
    columns = ["expert", "task", "measure", "cost", "low", "high", "is_distinguishable"]
    return pd.DataFrame(rows, columns=columns)


def _pairs(similarity: pd.DataFrame) -> dict[tuple[str, str], float]:
    pairs = combinations(similarity.index, 2)
    return {(one, other): float(similarity.loc[one, other]) for one, other in pairs}


def _cost(found: Difference | None, *, sign: int) -> tuple[float, float, float, bool]:
    nan = float("nan")
    if found is None:
        return nan, nan, nan, False
    low, high = (nan if end is None else sign * end for end in (found.low, found.high))
    return sign * found.difference, min(low, high), max(low, high), found.is_distinguishable
