"""Training the cells of a study, one after the other, on as many threads as their configs say."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from ..config import DataConfig, RunConfig
from ..data import Dataset, prepare
from ..records import EndRecord, StepRecord, TaskMetrics
from ..training import Checkpoint, Finished, fit
from .journal import Journal, Kept
from .results import Trained

__all__ = ["thrown_away", "train_all", "train_one", "unwatched"]

_SAY_EVERY_S = 5.0
_UNWATCHED = 1_000_000  # steps between looks that change no number


def train_all(
    configs: Iterable[RunConfig],
    train: Callable[[RunConfig, Dataset], Kept],
    journal: Journal[Kept],
    opened: Callable[[DataConfig], AbstractContextManager[Dataset]],
    say: Callable[[str], None],
) -> None:
    """Train what the journal does not have; it has all of them afterwards.

    Args:
        configs: Those of one dataset should follow each other.
        train: Trains one and says what is kept of it.
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
            journal.add(config, train(config, dataset))
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


def unwatched(config: RunConfig) -> RunConfig:
    """The same training without looks in between."""
    seldom = {"snapshot_every": _UNWATCHED, "validate_every": _UNWATCHED}
    return config.model_copy(update={"train": config.train.model_copy(update=seldom)})


@contextmanager
def thrown_away(data: DataConfig) -> Iterator[Dataset]:
    """Simulated rows for as long as they are needed: each seed has its own, and a study makes a gigabyte of them."""
    with tempfile.TemporaryDirectory() as folder:
        yield prepare(data, home=Path(folder))


def _mean_loss(metrics: Iterable[TaskMetrics]) -> float:
    losses = [task.loss for task in metrics if task.loss is not None]
    return sum(losses) / len(losses)


def _named(config: RunConfig) -> str:
    return f"{config.model.kind} on {config.data.dataset_name}, seed {config.train.seed}"
