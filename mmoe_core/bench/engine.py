"""Our engine, timed as it is used: `fit`, with its records, its checkpoints left out."""

from __future__ import annotations

import time
from contextlib import closing
from typing import cast, get_args

from torch.distributed import FileStore  # type: ignore[attr-defined]

from ..config import BalancingMethod, RunConfig, change_method
from ..data import Dataset
from ..models import build_model
from ..records import StepRecord
from ..training import Checkpoint, fit
from ..training.gloo import Gloo
from ..training.lifeline import meet
from ..training.optimizer import ModelOptimizer
from ..training.ranks import ALONE, Ranks
from ..training.watch import Watch
from .figures import Figures
from .memory import PeakMemory
from .work import Work

__all__ = ["time_balancing", "time_engine", "time_together"]

_HERE = "127.0.0.1"


def time_engine(work: Work, config: RunConfig) -> Figures:
    """One epoch from its second step on, and one evaluation of the test split with every task's AUC and interval."""
    return _epoch(work, config, ALONE).model_copy(update={"evaluate_rows_per_second": _evaluation(work, config)})


def time_balancing(work: Work, config: RunConfig) -> Figures:
    """One epoch with every balancing method in turn, all in this process, after one that warms it up."""
    _epoch(work, config, ALONE)
    methods: tuple[BalancingMethod, ...] = get_args(BalancingMethod)
    by_method: dict[BalancingMethod, float] = {}
    for method in methods:
        balancing = change_method(config.train.balancing, method)
        balanced = config.model_copy(update={"train": config.train.model_copy(update={"balancing": balancing})})
        by_method[method] = _epoch(work, balanced, ALONE).train_rows_per_second or 0.0
    return Figures(train_by_method=by_method)


def time_together(work: Work, config: RunConfig, rank: int, count: int, meeting: str) -> Figures:
    """One epoch of several processes on this machine.

    Args:
        work: The same in each.
        config: Likewise.
        rank: Which of them this process is.
        count: How many there are.
        meeting: A file by which they find each other.
    """
    store = FileStore(meeting, count)
    lifeline = meet(store, rank, count, _HERE, lambda: None)
    with lifeline.alarmed(), closing(Gloo(lifeline, store, _HERE)) as ranks:
        figures = _epoch(work, config, ranks)
        lifeline.finish()
    return figures


def _epoch(work: Work, config: RunConfig, ranks: Ranks) -> Figures:
    dataset = cast(Dataset, work)
    began = ended = 0.0
    rows, loss = 0, None
    with PeakMemory() as peak:
        for event in fit(config, dataset, ranks=ranks):
            if isinstance(event, StepRecord):
                ended = time.perf_counter()
                began = began or ended  # kernels are compiled or read from disk by then
                rows += event.rows * (event.step > 1)
            elif isinstance(event, Checkpoint):
                loss = sum(task.loss or 0.0 for task in event.record.metrics.values())
            del event  # as a run's process does: a copy of the state goes before the next one is made
    return Figures(
        train_rows_per_second=rows / (ended - began),
        validation_loss=loss,
        peak_mb=peak.megabytes,
    )


def _evaluation(work: Work, config: RunConfig) -> float:
    dataset = cast(Dataset, work)
    model = build_model(config.model, work.schema, seed=1)
    ModelOptimizer(model, config.train)  # lays the table out as it is during a run
    watch, test = Watch(model, dataset, config.train), work.split("test")
    watch.scores(watch.sample, step=0)
    began = time.perf_counter()
    watch.metrics(test, watch.scores(test, step=0))
    return len(test) / (time.perf_counter() - began)
