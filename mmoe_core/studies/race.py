"""The MMoE paper's race: do gates of one's own help where tasks are less related?

Ma et al., KDD 2018, sections 3.3 and 5.2, on the paper's own generator. A seed draws the rows (and so the split), the
initial weights and the order of the batches, and all architectures and all correlations run on it: turning p alone
keeps inputs, waves and noise. Each architecture has its own learning rate, chosen by validation on seeds that do not
race.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import torch

from ..config import (
    ModelConfig,
    ModelKind,
    RunConfig,
    Schema,
    change_kind,
    from_flat,
    input_width,
    match_budget,
    preset,
    sizes,
    to_flat,
)
from .journal import Journal, open_journal
from .results import Entry, Race, RaceRun, Sizing, Trained
from .training import thrown_away, train_all, train_one, unwatched

__all__ = ["CORRELATIONS", "KINDS", "run_race"]

CORRELATIONS = (0.5, 0.9, 1.0)
KINDS: tuple[ModelKind, ...] = ("shared_bottom", "one_gate", "mmoe")
_PAPER_WIDTHS: Mapping[ModelKind, int] = {"shared_bottom": 113, "one_gate": 16, "mmoe": 16}  # section 5.2
_RATES = (1e-3, 3e-3, 1e-2, 3e-2)
_TUNING_SEEDS = (1001, 1002, 1003)


def run_race(
    changes: Mapping[str, str],
    *,
    num_seeds: int,
    sizing: Sizing,
    out: Path,
    command: str,
    say: Callable[[str], None],
) -> Race:
    """Run the race, or go on with it, and write what came out.

    Args:
        changes: What is changed in the preset, as `path=value`; correlation, seeds, rate and kind are the race's own.
        num_seeds: From 1 up.
        sizing: The paper's widths, or as many parameters as MMoE.
        out: Where the result goes.
        command: What was typed.
        say: Told how far it is.

    Raises:
        RunError: another process is at it.
        LabError: a choice cannot be trained.
    """
    base = from_flat({**to_flat(preset("kdd2018")), **changes})
    models = _models(base, sizing)
    with open_journal(out, torch.__version__, Trained) as journal:
        say("The learning rate of each architecture …")
        tuning = _trained(base, models, dict.fromkeys(KINDS, _RATES), _TUNING_SEEDS, journal, say)
        by_rate = {kind: _mean_by_rate(tuning, kind) for kind in KINDS}
        chosen = {kind: min(found, key=found.__getitem__) for kind, found in by_rate.items()}
        say(f"Learning rates: {', '.join(f'{kind} {rate:g}' for kind, rate in chosen.items())}. The race …")
        seeds = range(1, num_seeds + 1)
        raced = _trained(base, models, {kind: (rate,) for kind, rate in chosen.items()}, seeds, journal, say)
        race = Race(
            command=command,
            finished_at=datetime.now(UTC),
            torch=torch.__version__,
            num_threads=base.train.num_threads,
            sizing=sizing,
            tuning_seeds=_TUNING_SEEDS,
            entries=tuple(
                _entry(_config(base, models[kind], CORRELATIONS[0], chosen[kind], seeds[0]), by_rate[kind])
                for kind in KINDS
            ),
            runs=tuple(raced.values()),
        )
        journal.finish(race)
    return race


def _models(base: RunConfig, sizing: Sizing) -> Mapping[ModelKind, ModelConfig]:
    models = {kind: change_kind(base.model, kind)[0] for kind in KINDS}
    if sizing == "matched":
        schema = _schema(base)
        return {kind: match_budget(model, schema) for kind, model in models.items()}
    return {kind: model.model_copy(update={"expert_widths": (_PAPER_WIDTHS[kind],)}) for kind, model in models.items()}


_Key = tuple[ModelKind, float, float, int]  # kind, correlation, rate, seed


def _trained(
    base: RunConfig,
    models: Mapping[ModelKind, ModelConfig],
    rates: Mapping[ModelKind, Sequence[float]],
    seeds: Sequence[int],
    journal: Journal[Trained],
    say: Callable[[str], None],
) -> dict[_Key, RaceRun]:
    configs: dict[_Key, RunConfig] = {
        (kind, p, rate, seed): unwatched(_config(base, model, p, rate, seed))
        for seed in seeds
        for p in CORRELATIONS
        for kind, model in models.items()
        for rate in rates[kind]
    }
    train_all(configs.values(), train_one, journal, thrown_away, say)
    return {key: _run(key, journal, config) for key, config in configs.items()}


def _config(base: RunConfig, model: ModelConfig, correlation: float, rate: float, seed: int) -> RunConfig:
    return RunConfig(
        data=base.data.model_copy(update={"correlation": correlation, "seed": seed}),
        model=model,
        train=base.train.model_copy(update={"learning_rate": rate, "seed": seed}),
    )


def _run(key: _Key, journal: Journal[Trained], config: RunConfig) -> RaceRun:
    kind, correlation, _, seed = key
    trained = journal[config]
    return RaceRun(
        kind=kind,
        correlation=correlation,
        seed=seed,
        best_epoch=trained.best_epoch,
        validation_mse=round(trained.validation_loss, 6),
        test_mse=round(sum(task.loss or 0.0 for task in trained.test.values()) / len(trained.test), 6),
    )


def _mean_by_rate(tuning: Mapping[_Key, RaceRun], kind: ModelKind) -> Mapping[float, float]:
    """Rate → mean validation loss over correlations and seeds."""
    found: dict[float, list[float]] = defaultdict(list)
    for (of_kind, _, rate, _), run in tuning.items():
        if of_kind == kind:
            found[rate].append(run.validation_mse)
    return {rate: sum(losses) / len(losses) for rate, losses in found.items()}


def _entry(config: RunConfig, by_rate: Mapping[float, float]) -> Entry:
    model, schema = config.model, _schema(config)
    experts = getattr(model, "num_experts", 1) * _products((input_width(model, schema), *model.expert_widths))
    towers = sum(_products((model.expert_widths[-1], *model.tower(task))) for task in schema.task_names)
    return Entry(
        config=config,
        parameters=sizes(model, schema).total,
        weights=experts + towers,
        validation_mse_by_rate={f"{tried:g}": round(loss, 6) for tried, loss in by_rate.items()},
    )


def _products(widths: Sequence[int]) -> int:
    return sum(fan_in * fan_out for fan_in, fan_out in pairwise(widths))


def _schema(base: RunConfig) -> Schema:
    """Fields and tasks alone, which a few rows have as well."""
    few = base.data.model_copy(update={"num_rows": 1000})
    with thrown_away(few) as dataset:
        return dataset.schema
