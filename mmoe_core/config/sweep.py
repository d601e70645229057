"""A sweep of task weights: one config, trained again with every weight of a logarithmic grid and every seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, ValidationError

from ..errors import ConfigError
from .balancing import Static
from .base import Frozen, TaskName
from .model import Single, change_kind
from .refusal import refusal
from .run import RunConfig, check_tasks
from .schema import Schema
from .train import TaskWeight

__all__ = ["MOST_RUNS_OF_SWEEP", "SweepPoint", "WeightSweep", "check_sweep", "sweep_from_json", "sweep_points"]

MOST_RUNS_OF_SWEEP = 60  # each waits as a process of its own
_DIGITS = 4  # of a weight, so that a grid is made of numbers that people can say

Seeds = Annotated[tuple[Annotated[int, Field(ge=0, le=2**32 - 1)], ...], Field(min_length=1, max_length=20)]


class WeightSweep(Frozen):
    """What is trained: `num_points` weights from `low` to `high`, each on every seed."""

    base: RunConfig  # whose own weight of the swept task, and seed, do not count
    task: TaskName  # whose weight is swept
    against: TaskName | None = None  # then the swept number is w_task / w_against, and their product stays 1
    low: TaskWeight = Field(0.1, gt=0)
    high: TaskWeight = Field(10.0, gt=0)
    num_points: int = Field(5, ge=2, le=20)
    seeds: Seeds = (2022,)
    with_singles: bool = True  # single-task networks too, one run per seed

    @property
    def num_runs(self) -> int:
        """Trainings that it takes, if none is there already."""
        return (self.num_points + self.with_singles) * len(self.seeds)


@dataclass(frozen=True)
class SweepPoint:
    """One training of a sweep.

    Attributes:
        weight: Of the swept task, or the ratio; None of a single-task baseline.
        seed: Its seed.
        config: All of it.
    """

    weight: float | None
    seed: int
    config: RunConfig


def sweep_from_json(text: str | bytes) -> WeightSweep:
    """The sweep that a JSON text spells.

    Raises:
        ConfigError: the text is no JSON, or a choice is unknown or out of bounds.
    """
    try:
        return WeightSweep.model_validate_json(text)
    except ValidationError as error:
        raise refusal(error) from None


def sweep_points(sweep: WeightSweep) -> tuple[SweepPoint, ...]:
    """Its trainings, in the order in which they are queued: a whole grid, then the baselines, seed by seed.

    A sweep that is stopped half way has whole grids rather than many seeds of one weight.
    """
    step = math.log(sweep.high / sweep.low) / (sweep.num_points - 1)
    grid = [float(f"{sweep.low * math.exp(place * step):.{_DIGITS}g}") for place in range(sweep.num_points)]
    found = []
    for seed in sweep.seeds:
        found += [SweepPoint(weight, seed, _weighed(sweep, weight, seed)) for weight in grid]
        if sweep.with_singles:
            found.append(SweepPoint(None, seed, _alone(sweep.base, seed)))
    return tuple(found)


def check_sweep(sweep: WeightSweep, schema: Schema) -> None:
    """Refuse a sweep that would trade nothing, or too much.

    Raises:
        ConfigError: says what to choose instead.
    """
    if sweep.low >= sweep.high:
        raise ConfigError(
            "The sweep goes from {low} to {high}. Choose a lowest weight below the highest.",
            low=f"{sweep.low:g}",
            high=f"{sweep.high:g}",
        )
    if sweep.task == sweep.against:
        raise ConfigError("The ratio of '{task}' to itself is always 1. Choose another task.", task=sweep.task)
    if len(set(sweep.seeds)) < len(sweep.seeds):
        raise ConfigError("The sweep names a seed twice, which would be the same run twice. Name each seed once.")
    for task in filter(None, (sweep.task, sweep.against)):
        if task not in schema.task_names:
            raise ConfigError(
                "The sweep names the task '{task}', but this dataset has {tasks}. Choose one of these.",
                task=task,
                tasks=", ".join(schema.task_names),
            )
    if isinstance(sweep.base.model, Single) or len(schema.tasks) < 2:
        raise ConfigError(
            "Single-task networks share nothing that a weight could trade between tasks. Choose a dataset with two "
            "tasks and another architecture (model.kind)."
        )
    if sweep.num_runs > MOST_RUNS_OF_SWEEP:
        raise ConfigError(
            "This sweep takes {runs} trainings; at most {most} are queued at once. Choose fewer weights or seeds.",
            runs=sweep.num_runs,
            most=MOST_RUNS_OF_SWEEP,
        )
    check_tasks(sweep.base, schema)


def _weighed(sweep: WeightSweep, weight: float, seed: int) -> RunConfig:
    """The base with these weights; a weight of 1 is left out, as it is everywhere else."""
    if sweep.against is None:
        swept = {sweep.task: weight}
    else:
        half = math.sqrt(weight)
        swept = {sweep.task: float(f"{half:.12g}"), sweep.against: float(f"{1 / half:.12g}")}
    weights = {**sweep.base.train.task_weights, **swept}
    return _with_weights(sweep.base, {task: found for task, found in weights.items() if found != 1}, seed)


def _with_weights(base: RunConfig, weights: dict[str, float], seed: int) -> RunConfig:
    ordered = dict(sorted(weights.items()))  # equal weights, equal text
    return base.model_copy(update={"train": base.train.model_copy(update={"task_weights": ordered, "seed": seed})})


def _alone(base: RunConfig, seed: int) -> RunConfig:
    """A network per task, which no weight and no balancing can trade against another."""
    train = base.train.model_copy(update={"task_weights": {}, "balancing": Static(), "seed": seed})
    return base.model_copy(update={"model": change_kind(base.model, "single")[0], "train": train})
