"""False alarms: how often the clinic finds fault with small runs in which nothing was planted.

The detectors' bounds were chosen on seeds from 10,000 on; these are others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import torch

from ..analysis.clinic import diagnose
from ..config import RunConfig
from ..data import Dataset
from .journal import open_journal
from .results import Alarms, Health
from .small_run import SMALL_RUN, evidence_of
from .training import thrown_away, train_all

__all__ = ["run_alarms"]


def run_alarms(*, num_seeds: int, out: Path, command: str, say: Callable[[str], None]) -> Alarms:
    """Train and diagnose so many clean runs, seeds from 0 on, or go on with it, and write what was found.

    Args:
        num_seeds: How many.
        out: Where the result goes.
        command: What was typed.
        say: Told how far it is.

    Raises:
        RunError: another process is at it.
    """
    configs = {seed: _of_seed(seed) for seed in range(num_seeds)}
    with open_journal(out, torch.__version__, Health) as journal:
        train_all(configs.values(), _health, journal, thrown_away, say)
        study = Alarms(
            command=command,
            finished_at=datetime.now(UTC),
            torch=torch.__version__,
            num_threads=SMALL_RUN.train.num_threads,
            config=configs[0],
            runs={seed: journal[config] for seed, config in configs.items()},
        )
        journal.finish(study)
    return study


def _health(config: RunConfig, dataset: Dataset) -> Health:
    return Health(findings=diagnose(evidence_of(config, dataset)).findings)


def _of_seed(seed: int) -> RunConfig:
    return SMALL_RUN.model_copy(update={"train": SMALL_RUN.train.model_copy(update={"seed": seed})})
