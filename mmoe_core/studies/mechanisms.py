"""The classroom's log, seed by seed: what do the gates know of a row's true mechanism, trained and untrained?

A seed draws the world and its rows, the initial weights and the order of the batches, so that what holds over seeds is
no property of one log.

Shape suffixes in this file:
    B probe rows   R readers   E experts
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from ..analysis import segment_information_bits
from ..config import RunConfig, from_flat, preset, to_flat
from ..data import Dataset, field_values, probe_rows
from ..data.writing import SEGMENT
from ..metrics import entropy_nats
from ..training import Checkpoint, Finished, fit
from .journal import open_journal
from .results import Information, Mechanisms, Recovery
from .training import thrown_away, train_all, unwatched

__all__ = ["recovery_of", "run_mechanisms"]

_NUM_SHUFFLES = 200
_DIGITS = 6


def run_mechanisms(
    changes: Mapping[str, str], *, num_seeds: int, out: Path, command: str, say: Callable[[str], None]
) -> Mechanisms:
    """Train every seed, or go on with it, and write what came out.

    Args:
        changes: What is changed in the preset, as `path=value`; the seeds are the study's own.
        num_seeds: The preset's own, then 1, 2, ….
        out: Where the result goes.
        command: What was typed.
        say: Told how far it is.

    Raises:
        RunError: another process is at it.
        LabError: a choice cannot be trained, or its rows have no mechanism.
    """
    base = from_flat({**to_flat(preset("classroom")), **changes})
    configs = {seed: _with_seed(base, seed) for seed in (base.train.seed, *range(1, num_seeds))}
    with open_journal(out, torch.__version__, Recovery) as journal:
        train_all(configs.values(), recovery_of, journal, thrown_away, say)
        study = Mechanisms(
            command=command,
            finished_at=datetime.now(UTC),
            torch=torch.__version__,
            num_threads=base.train.num_threads,
            config=base,
            runs={seed: journal[config] for seed, config in configs.items()},
        )
        journal.finish(study)
    return study


def recovery_of(config: RunConfig, dataset: Dataset) -> Recovery:
    """Train a network and ask its tasks' gates, before and after, for the mechanism of every probe row."""
    rows_B = probe_rows(dataset, config.train.probe_rows)
    mechanism_B = field_values(dataset, "validation", SEGMENT, rows_B)
    untrained_BRE: np.ndarray | None = None
    for event in fit(config, dataset):
        match event:
            case Checkpoint() if untrained_BRE is None:  # the first one is said before the first step
                untrained_BRE = event.probe_gates_BRE[-1]
            case Finished():
                end = event
    assert untrained_BRE is not None
    trained_BRE, tasks = end.probe_gates_BRE[-1], dataset.schema.task_names
    trained = segment_information_bits(trained_BRE, tasks, mechanism_B)
    untrained = segment_information_bits(untrained_BRE, tasks, mechanism_B)
    draw = np.random.default_rng(config.train.seed)
    shuffles = [
        segment_information_bits(trained_BRE, tasks, draw.permutation(mechanism_B)) for _ in range(_NUM_SHUFFLES)
    ]
    _, counts = np.unique(mechanism_B, return_counts=True)
    return Recovery(
        best_epoch=end.record.best_epoch,
        test=end.record.metrics,
        mechanism_bits=round(float(entropy_nats(counts / counts.sum())) / float(np.log(2)), _DIGITS),
        information={
            task: Information(
                trained=round(trained[task], _DIGITS),
                untrained=round(untrained[task], _DIGITS),
                shuffled=round(max(shuffle[task] for shuffle in shuffles), _DIGITS),
            )
            for task in tasks
        },
    )


def _with_seed(base: RunConfig, seed: int) -> RunConfig:
    """A world, a split and a network of its own."""
    return unwatched(
        base.model_copy(
            update={
                "data": base.data.model_copy(update={"seed": seed}),
                "train": base.train.model_copy(update={"seed": seed}),
            }
        )
    )
