"""How a network is trained. Every number that changes the result is here, the thread count included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from .balancing import Balancing, Static
from .base import MEAN, Frozen, TaskName

__all__ = ["TaskWeight", "TrainConfig", "num_steps", "steps_per_epoch"]

TaskWeight = Annotated[float, Field(ge=0, le=10_000)]


class TrainConfig(Frozen):
    """One training run."""

    optimizer: Literal["adam", "adagrad", "sgd"] = "adam"
    learning_rate: float = Field(1e-3, gt=0, le=10)
    schedule: Literal["constant", "linear", "cosine"] = "constant"  # towards 0 at the last step
    warmup_steps: int = Field(0, ge=0, le=10**6)  # over which the rate grows from 0
    clip_norm: float | None = Field(None, gt=0, le=1e6)  # of all gradients together; None: never clipped
    weight_decay: float = Field(0.0, ge=0, le=1)  # L2, added to the gradient
    moved_rows: Literal["read", "all"] = "read"  # of the table, by a step; all: torch's dense optimisers, slow if long
    batch_size: int = Field(1024, ge=1, le=1_000_000)
    epochs: int = Field(6, ge=1, le=20_000)
    max_steps: int | None = Field(None, ge=1, le=10**9)  # whichever limit comes first ends the run
    seed: int = Field(2022, ge=0, le=2**32 - 1)
    task_weights: Mapping[TaskName, TaskWeight] = Field(default_factory=dict)  # absent = 1
    balancing: Balancing = Static()  # how the weighted losses become one update
    best_by: TaskName = MEAN  # whose validation AUC chooses the weights that are kept
    patience: int | None = Field(None, ge=1, le=1000)  # epochs without a better one; None = never stop early
    validate_every: int = Field(50, ge=1, le=1_000_000)  # steps between looks at the validation sample
    validation_rows: int = Field(10_000, ge=1, le=1_000_000)  # size of that sample
    snapshot_every: int = Field(10, ge=1, le=1_000_000)  # steps between gate snapshots and gradient norms
    save_every: int = Field(20_000, ge=1, le=10**9)  # steps between savepoints inside an epoch
    probe_rows: int = Field(2_000, ge=1, le=100_000)  # rows on which gates are watched
    num_processes: int = Field(1, ge=1, le=256)  # among which each batch is dealt; each has its own replica
    num_threads: int = Field(1, ge=1, le=256)  # of each process
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"  # auto: a graphics processor where there is one
    threads_ahead: int = Field(1, ge=0, le=1)  # that prepare the next batches; the numbers do not depend on it

    def task_weight(self, task: str) -> float:
        """w_k, 1 where nothing was set."""
        return self.task_weights.get(task, 1.0)


def steps_per_epoch(train: TrainConfig, num_rows: int) -> int:
    """Batches that `num_rows` rows make; the last one may be smaller."""
    return math.ceil(num_rows / train.batch_size)


def num_steps(train: TrainConfig, num_rows: int) -> int:
    """Steps of a run on a train split of `num_rows` rows, if nobody and nothing ends it early."""
    steps = train.epochs * steps_per_epoch(train, num_rows)
    return steps if train.max_steps is None else min(steps, train.max_steps)
