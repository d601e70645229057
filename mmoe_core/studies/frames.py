"""Studies as tables: what claims are tested on, and what figures draw. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Literal

import pandas as pd

from .paired import SeedDifference, paired_difference
from .results import Architectures, Race

__all__ = ["auc_differences", "auc_table", "differences", "losses", "mean_losses"]

Pair = tuple[str, float]  # architecture, correlation


def losses(race: Race, measure: Literal["test_mse", "validation_mse"] = "test_mse") -> pd.DataFrame:
    """One row per seed, one column per (architecture, correlation)."""
    by_pair: dict[Pair, dict[int, float]] = {pair: {} for pair in _pairs(race)}
    for run in race.runs:
        by_pair[run.kind, run.correlation][run.seed] = getattr(run, measure)
    columns = pd.MultiIndex.from_tuples(list(by_pair), names=["kind", "correlation"])
    found = pd.DataFrame({place: pd.Series(by_seed) for place, by_seed in enumerate(by_pair.values())})
    return found.set_axis(columns, axis="columns").rename_axis("seed")


def mean_losses(race: Race) -> Mapping[Pair, tuple[float, float]]:
    """(Architecture, correlation) → mean test and mean validation loss."""
    test, validation = losses(race).mean(), losses(race, "validation_mse").mean()
    return {pair: (float(test[pair]), float(validation[pair])) for pair in _pairs(race)}


def differences(race: Race) -> Mapping[Pair, SeedDifference]:
    """(Architecture, correlation) → its test loss less MMoE's, over the seeds; above 0 where MMoE is better."""
    found = losses(race)
    return {
        (kind, p): paired_difference(found[kind, p] - found["mmoe", p]) for kind, p in _pairs(race) if kind != "mmoe"
    }


def _pairs(race: Race) -> list[Pair]:
    return list(product([entry.kind for entry in race.entries], sorted({run.correlation for run in race.runs})))


def auc_table(study: Architectures, preset: str) -> pd.DataFrame:
    """Every training's test AUC on one dataset.

    Returns:
        One row per architecture, seed and task that has an AUC; columns kind, seed, task, auc, low, high, oracle (NaN
        where nobody knows the true probabilities).
    """
    return pd.DataFrame(
        [
            {
                "kind": cell.config.model.kind,
                "seed": seed,
                "task": task,
                "auc": found.auc,
                "low": found.auc_low,
                "high": found.auc_high,
                "oracle": found.oracle_auc,
            }
            for cell in study.cells
            if cell.preset == preset
            for seed, trained in cell.trained.items()
            for task, found in trained.test.items()
            if found.auc is not None
        ],
        columns=["kind", "seed", "task", "auc", "low", "high", "oracle"],
    )


def auc_differences(aucs: pd.DataFrame) -> Mapping[tuple[str, str], SeedDifference]:
    """(Architecture, task) → its AUC less MMoE's, over the seeds that both have; above 0 where MMoE is worse.

    Args:
        aucs: From `auc_table`.
    """
    by_seed = aucs.pivot_table(index="seed", columns=["kind", "task"], values="auc")
    found = {}
    for kind, task in dict.fromkeys(zip(aucs["kind"], aucs["task"], strict=True)):
        if kind != "mmoe" and ("mmoe", task) in by_seed.columns:
            found[kind, task] = paired_difference((by_seed[kind, task] - by_seed["mmoe", task]).dropna())
    return found
