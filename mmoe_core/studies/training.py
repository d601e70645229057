"""Training the cells of a study, one after the other, on as many threads as their configs say."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack

from ..config import DataConfig, RunConfig
from ..data import Dataset
from ..records import EndRecord, StepRecord, TaskMetrics
from ..training import Checkpoint, Finished, fit
from .journal import Journal
from .results import Trained

__all__ = ["train_all", "train_one"]

_SAY_EVERY_S = 5.0


def train_all(
    configs: Iterable[RunConfig],
    journal: Journal,
    opened: Callable[[DataConfig], AbstractContextManager[Dataset]],
    say: Callable[[str], None],
) -> None:
    """Train what the journal does not have; it has all of them afterwards.

    Args:
        configs: Those of one dataset should follow each other.
        journal: Keeps each as soon as it is done.
        opened: Makes a dataset ready, for as long as it is needed.
        say: Told how far it is.
    """
    wanted = list(dict.fromkeys(config.model_dump_json() for config in configs))
    missing = [config for text in wanted if (config := RunConfig.model_validate_json(text)) not in journal]
    if len(missing) < len(wanted):
        say(f"{len(wanted) - len(missing)} of {len(wanted)} trainings were done before.")
    began = said = time.monotonic()
    data: DataConfig | None = None
    with ExitStack() as stack:
        for number, config in enumerate(missing, start=1):
            if config.data != data:
                stack.close()
                data, dataset = config.data, stack.enter_context(opened(config.data))
            journal.add(config, train_one(config, dataset))
            if time.monotonic() - said >= _SAY_EVERY_S or number == len(missing):
                said = time.monotonic()
                left = (said - began) / number * (len(missing) - number)
                say(f"{number} of {len(missing)}: {_named(config)}; about {math.ceil(left / 60)} min left")


def train_one(config: RunConfig, dataset: Dataset) -> Trained:
    """Train a network and keep what it came to."""
    rows, elapsed_s = 0, 0.0
    by_epoch: dict[int, float] = {}
    for event in fit(config, dataset):
        match event:
            case StepRecord():
                rows, elapsed_s = rows + event.rows, event.elapsed_s
            case Checkpoint():
                by_epoch[event.record.epoch] = _mean_loss(event.record.metrics.values())
            case Finished():
                end: EndRecord = event.record
    return Trained(
        best_epoch=end.best_epoch,
        rows_per_second=rows / elapsed_s,
        validation_loss=by_epoch[end.best_epoch],
        test=end.metrics,
    )


def _mean_loss(metrics: Iterable[TaskMetrics]) -> float:
    losses = [task.loss for task in metrics if task.loss is not None]
    return sum(losses) / len(losses)


def _named(config: RunConfig) -> str:
    return f"{config.model.kind} on {config.data.dataset_name}, seed {config.train.seed}"
