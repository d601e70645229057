"""One run: data, network, training; and its three spellings: a value, JSON, and flat `path=value` (link, terminal)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from ..errors import ConfigError
from .balancing import (
    IMTLG,
    MGDA,
    AlignedMTL,
    CAGrad,
    Decay,
    DynamicWeightAverage,
    GradNorm,
    MetaBalance,
    NashMTL,
    PCGrad,
    RandomLossWeighting,
    UPGrad,
)
from .base import MEAN, Frozen
from .data import DataConfig, SimulatedAliCcp
from .model import AITM, ESMM, Gated, MMoE, ModelConfig, Single
from .parity import spelled_out
from .refusal import refusal
from .schema import Schema
from .train import TrainConfig

__all__ = ["RunConfig", "check_processes", "check_tasks", "from_flat", "from_json", "to_flat"]

_DEEPER = "train.balancing."  # a choice of choices
_NEEDS_SHARED_LAYERS = (GradNorm, MetaBalance, PCGrad, MGDA, CAGrad, IMTLG, NashMTL, AlignedMTL, UPGrad)
_NEEDS_TWO_TASKS = (*_NEEDS_SHARED_LAYERS, DynamicWeightAverage, RandomLossWeighting)


class RunConfig(Frozen):
    """Everything that decides a run's numbers; equal configs give equal numbers."""

    data: DataConfig = Field(default_factory=SimulatedAliCcp)
    model: ModelConfig = Field(default_factory=MMoE)
    train: TrainConfig = Field(default_factory=TrainConfig)


def from_json(text: str | bytes) -> RunConfig:
    """The config that a JSON text spells.

    Raises:
        ConfigError: the text is no JSON, or a choice is unknown or out of bounds.
    """
    try:
        return RunConfig.model_validate_json(text)
    except ValidationError as error:
        raise refusal(error) from None


def to_flat(config: RunConfig) -> dict[str, str]:
    """Every choice as `path=value`, ids and numbers only; `None` is left out. Inverse of `from_flat`."""
    return dict(_leaves((), json.loads(config.model_dump_json())))


def from_flat(flat: Mapping[str, str]) -> RunConfig:
    """The config that `path=value` pairs spell; what is absent takes its default.

    Raises:
        ConfigError: a path is unknown, or a value is out of bounds.
    """
    tree: dict[str, Any] = {"data": {"source": "ali-ccp"}, "model": {"kind": "mmoe"}}
    for path, value in flat.items():
        depth = 3 if path.startswith(_DEEPER) else 2
        *rooms, leaf = path.split(".", maxsplit=depth)  # a task's name may contain dots
        room = tree
        for name in rooms:
            room = room.setdefault(name, {})
            if not isinstance(room, dict):
                raise ConfigError("'{path}' is not a choice of a run.", path=path)
        room[leaf] = value
    try:
        return RunConfig.model_validate_strings(tree, strict=False)
    except ValidationError as error:
        raise refusal(error) from None


def check_tasks(config: RunConfig, schema: Schema) -> None:
    """Refuse a config that names a task which the dataset does not have, or a kind or method that cannot serve.

    Raises:
        ConfigError: names the choice, what it lacks, and the tasks there are.
    """
    _check_kind(config, schema)
    _check_balancing(config, schema)
    balancing = config.train.balancing
    target = balancing.target if isinstance(balancing, MetaBalance) else None
    named = {
        "model.tower_widths": tuple(config.model.tower_widths),
        "train.task_weights": tuple(config.train.task_weights),
        "train.best_by": () if config.train.best_by == MEAN else (config.train.best_by,),
        "train.balancing.gammas": tuple(balancing.gammas) if isinstance(balancing, Decay) else (),
        "train.balancing.target": () if target is None else (target,),
    }
    for path, tasks in named.items():
        for task in tasks:
            if task not in schema.task_names:
                raise ConfigError(
                    "{path} names the task '{task}', but this dataset has {tasks}. "
                    "Remove it or choose another dataset.",
                    path=path,
                    task=task,
                    tasks=", ".join(schema.task_names),
                )


def check_processes(config: RunConfig) -> None:
    """Refuse what several processes would not train as one does.

    Batch norm and the load penalty go by the rows that a process sees. What all ranks' rows come to would be an
    exchange in every layer; layer norm needs none.

    Raises:
        ConfigError: says what to choose instead.
    """
    model = spelled_out(config.model)
    if config.train.num_processes > 1 and "batch" in (model.norm, getattr(model, "gate_norm", "none")):
        raise ConfigError(
            "Batch norm takes its statistics from a whole batch, of which each of {count} processes sees a part. "
            "Choose layer norm or none (model.norm, model.gate_norm), or train in one process.",
            count=config.train.num_processes,
        )
    if config.train.num_processes > 1 and isinstance(model, Gated) and model.load_penalty:
        raise ConfigError(
            "The load penalty weighs the gates of a whole batch, of which each of {count} processes sees a part. "
            "Set model.load_penalty to 0, or train in one process.",
            count=config.train.num_processes,
        )


def _check_kind(config: RunConfig, schema: Schema) -> None:
    there = ", ".join(f"{task.name} ({task.label_space})" for task in schema.tasks)
    spaces = [task.label_space for task in schema.tasks]
    on_clicks = [task for task, space in config.data.label_spaces.items() if space == "cvr"]
    match config.model:
        case ESMM() if on_clicks:
            raise ConfigError(
                "ESMM learns '{task}' over all impressions, as the chance of a click times that of a purchase after "
                "it: there is nothing left to learn on clicks alone. Set {path} to ctcvr, or choose another "
                "architecture.",
                task=on_clicks[0],
                path=f"data.label_spaces.{on_clicks[0]}",
            )
        case ESMM() if spaces.count("ctr") != 1 or "ctcvr" not in spaces:
            raise ConfigError(
                "ESMM multiplies the chance of a click with that of a purchase after it: it needs one task over "
                "impressions with label space ctr and one with ctcvr, but this dataset has {tasks}. "
                "Choose another architecture or dataset.",
                tasks=there,
            )
        case AITM() if len(schema.tasks) < 2 or any(task.kind != "binary" for task in schema.tasks):
            raise ConfigError(
                "AITM hands on from one yes-or-no task to the next: it needs at least two, and no other kind, but "
                "this dataset has {tasks}. Choose another architecture or dataset.",
                tasks=there,
            )


def _check_balancing(config: RunConfig, schema: Schema) -> None:
    balancing = config.train.balancing
    if isinstance(balancing, _NEEDS_TWO_TASKS) and len(schema.tasks) < 2:
        raise ConfigError(
            "The balancing method {method} weighs tasks against each other, but this dataset has one, {task}. "
            "Choose static, decay or uw (train.balancing.method), or another dataset.",
            method=balancing.method,
            task=schema.task_names[0],
        )
    if isinstance(balancing, _NEEDS_SHARED_LAYERS) and isinstance(config.model, Single):
        raise ConfigError(
            "The balancing method {method} compares the tasks' gradients where they share layers, but single-task "
            "networks share none. Choose another architecture (model.kind), or static, decay, uw, dwa or rlw "
            "(train.balancing.method).",
            method=balancing.method,
        )


def _leaves(path: tuple[str, ...], value: Any) -> list[tuple[str, str]]:
    match value:
        case None:
            return []
        case dict():
            return [leaf for name, inner in value.items() for leaf in _leaves((*path, name), inner)]
        case list():
            return [(".".join(path), ",".join(map(str, value)))]
        case float():
            return [(".".join(path), f"{value:.12g}")]
        case _:
            return [(".".join(path), str(value))]
