"""Every architecture on real and on simulated rows, a few seeds each: how well it orders rows, how large, how fast.

The rows stay the same; a seed draws the initial weights and the order of the batches. The spread over seeds is that of
training; the DeLong interval of each is that of the test rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import torch

from ..config import (
    DataConfig,
    ModelKind,
    PresetName,
    RunConfig,
    Schema,
    change_kind,
    check_tasks,
    from_flat,
    match_budget,
    preset,
    sizes,
    to_flat,
)
from ..data import Dataset, prepare
from ..errors import ConfigError
from .journal import open_journal
from .results import Architectures, Cell, Sizing, Trained
from .training import train_all, train_one

__all__ = ["DATASETS", "KINDS", "run_architectures"]

KINDS: tuple[ModelKind, ...] = get_args(ModelKind)
DATASETS: tuple[PresetName, ...] = ("census", "classroom")


def run_architectures(
    changes: Mapping[str, str],
    *,
    num_seeds: int,
    sizing: Sizing,
    out: Path,
    command: str,
    say: Callable[[str], None],
) -> Architectures:
    """Train the table, or go on with it, and write what came out.

    Args:
        changes: What is changed in both presets, as `path=value`.
        num_seeds: The preset's own, then 1, 2, ….
        sizing: Experts as in the preset, or so that all have as many parameters as MMoE.
        out: Where the result goes.
        command: What was typed.
        say: Told how far it is.

    Raises:
        RunError: another process is at it.
        LabError: a choice cannot be trained.
    """
    bases = {name: from_flat({**to_flat(preset(name)), **changes}) for name in DATASETS}
    cells = [_cell(name, base, kind, sizing) for name, base in bases.items() for kind in KINDS]
    configs = {
        (cell.preset, cell.config.model.kind, seed): _with_seed(cell.config, seed)
        for cell in cells
        if cell.refusal is None
        for seed in (cell.config.train.seed, *range(1, num_seeds))
    }
    with open_journal(out, torch.__version__, Trained) as journal:
        train_all(configs.values(), train_one, journal, _prepared, say)
        table = Architectures(
            command=command,
            finished_at=datetime.now(UTC),
            torch=torch.__version__,
            num_threads=bases[DATASETS[0]].train.num_threads,
            sizing=sizing,
            cells=tuple(
                cell.model_copy(
                    update={
                        "trained": {
                            seed: journal[config]
                            for (name, kind, seed), config in configs.items()
                            if (name, kind) == (cell.preset, cell.config.model.kind)
                        }
                    }
                )
                for cell in cells
            ),
        )
        journal.finish(table)
    return table


def _cell(name: PresetName, base: RunConfig, kind: ModelKind, sizing: Sizing) -> Cell:
    schema: Schema = prepare(base.data).schema
    model, _ = change_kind(base.model, kind)
    if sizing == "matched":
        model = match_budget(model, schema)
    config = base.model_copy(update={"model": model})
    try:
        check_tasks(config, schema)
    except ConfigError as error:
        return Cell(preset=name, config=config, parameters=sizes(model, schema).total, refusal=error.to_json())
    return Cell(preset=name, config=config, parameters=sizes(model, schema).total)


def _with_seed(config: RunConfig, seed: int) -> RunConfig:
    return config.model_copy(update={"train": config.train.model_copy(update={"seed": seed})})


@contextmanager
def _prepared(data: DataConfig) -> Iterator[Dataset]:
    yield prepare(data)
