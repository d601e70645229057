"""The choices of a run in causal order: data, architecture, training; each part returns its config.

What a part shows comes from the config in the address; what it does not show is carried along unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mmoe_core.config import (
    MAX_EXPERTS,
    MEAN,
    PRESETS,
    DataConfig,
    MMoE,
    MmoePaper,
    ModelConfig,
    ModelKind,
    RunConfig,
    SharedBottom,
    SimulatedFeed,
    TrainConfig,
    change_kind,
    preset,
    to_flat,
)
from mmoe_core.data import Dataset, feed

from . import data_inputs, inputs, link
from .language import mark, plain, t, task_label

__all__ = ["architecture", "pick_preset", "reset", "shown", "tasks", "training"]

_PRESET = "form_preset"  # the marked one

_presets = {"tutorial": mark("Tutorial"), "classroom": mark("Classroom"), "census": mark("Census")}
_kinds: dict[ModelKind, str] = {
    "mmoe": mark("MMoE"),
    "one_gate": mark("One-gate MoE"),
    "shared_bottom": mark("Shared-Bottom"),
}
_choices = {
    "num_experts": mark("the number of experts"),
    "gate_temperature": mark("the temperature of the gates"),
    "gate_dropout": mark("the dropout of gates"),
    "gate_norm": mark("the norm of the gates"),
}
_norms = {"none": mark("none"), "layer": mark("layer norm"), "batch": mark("batch norm")}
_schedules = {"constant": mark("constant"), "linear": mark("linear to 0"), "cosine": mark("cosine to 0")}
_OF_GATES = ("gate_temperature", "gate_dropout", "gate_norm")
_optimizers = {"adam": "Adam", "adagrad": "Adagrad", "sgd": "SGD"}


def pick_preset(config: RunConfig) -> None:
    """Starting points; the one that the config equals is marked."""
    equal = [name for name in PRESETS if preset(name) == config]
    st.session_state[_PRESET] = equal[0] if equal else None
    st.segmented_control(
        t("Preset"),
        PRESETS,
        format_func=lambda name: t(_presets[name]),
        key=_PRESET,
        on_change=_take_preset,
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
    )


def _take_preset() -> None:
    if chosen := st.session_state[_PRESET]:
        link.write(preset(chosen))


def reset() -> None:
    """Back to the classroom, without a chosen run."""
    link.choose_run(None)
    link.write(preset("classroom"))


def shown(config: RunConfig) -> None:
    """The widgets show this config now: write it to the address."""
    st.session_state[data_inputs.SHOWN] = to_flat(config)
    link.write(config)


def architecture(config: RunConfig, tasks: Sequence[str]) -> ModelConfig:
    """Which network: kind, experts, a tower per task, embeddings."""
    data_inputs.fill(config, {"model.kind": config.model.kind})
    kind = inputs.choice("model.kind", t("Kind"), {kind: t(name) for kind, name in _kinds.items()})
    model, dropped = change_kind(config.model, kind)
    if dropped:
        names = ", ".join(t(_choices[name]) for name in dropped)
        st.caption(t("{kind} has no place for {choices}; the rest was kept.", kind=t(_kinds[kind]), choices=names))
    data_inputs.fill(config, _architecture_values(model, tasks))
    changes: dict[str, Any] = {}
    if not isinstance(model, SharedBottom):
        changes["num_experts"] = inputs.integer("model.num_experts", t("Experts"), (1, MAX_EXPERTS))
    changes["expert_widths"] = inputs.widths(
        "model.expert_widths",
        t("Expert widths"),
        model.expert_widths,
        explained=t("Output width of each layer, first to last: 16, or 64, 32. The last one is what the towers read."),
    )
    towers = {
        task: inputs.widths(
            f"model.tower_widths.{task}", t("Tower · {task}", task=plain(task_label(task))), model.tower(task)
        )
        for task in tasks
    }
    changes["tower_widths"] = {task: sizes for task, sizes in towers.items() if sizes != model.default_tower_widths}
    changes["embedding_size"], changes["embedding_scale"] = inputs.pair(
        t("Embedding"),
        ("model.embedding_size", t("Embedding size"), inputs.bounds(SharedBottom, "embedding_size"), 1),
        ("model.embedding_scale", t("Embedding scale"), (min(0.01, model.embedding_scale), 10.0), 0.1),
        explained=t("Numbers per id, and the spread they start with. A small spread hides the input from the gates."),
    )
    with st.expander(t("More"), type="compact", key="more_architecture"), st.container(gap="xxsmall"):
        changes |= _gates(model) | _regularisation()
    return type(model).model_validate(model.model_dump() | changes)


def _gates(model: ModelConfig) -> dict[str, Any]:
    """What may be done to a gate; Shared-Bottom has none."""
    if isinstance(model, SharedBottom):
        return {}
    return {
        "gate_temperature": inputs.decimal(
            "model.gate_temperature",
            t("Gate temperature"),
            inputs.bounds(MMoE, "gate_temperature"),
            step=0.1,
            explained=t("Divides a gate's logits: above 1 it spreads over the experts, below 1 it decides sharply."),
        ),
        "gate_dropout": inputs.decimal(
            "model.gate_dropout",
            t("Gate dropout"),
            inputs.bounds(MMoE, "gate_dropout"),
            step=0.05,
            explained=t("The chance that a step shuts a gate to an expert; what is left sums to 1 again."),
        ),
        "gate_norm": inputs.choice(
            "model.gate_norm",
            t("Gate norm"),
            {kind: t(_norms[kind]) for kind in ("none", "batch")},
            explained=t("Batch norm of a gate's logits, as torch-rechub has it; it makes untrained gates uneven."),
        ),
    }


def _regularisation() -> dict[str, Any]:
    """What keeps experts and towers from learning by heart."""
    return {
        "norm": inputs.choice(
            "model.norm",
            t("Norm"),
            {kind: t(name) for kind, name in _norms.items()},
            explained=t("Of the hidden layers of experts and towers, before their ReLU; never of the gates."),
        ),
        "expert_dropout": inputs.decimal(
            "model.expert_dropout",
            t("Expert dropout"),
            inputs.bounds(SharedBottom, "expert_dropout"),
            step=0.05,
            explained=t("The share of an expert's outputs that each step leaves out."),
        ),
        "tower_dropout": inputs.decimal(
            "model.tower_dropout",
            t("Tower dropout"),
            inputs.bounds(SharedBottom, "tower_dropout"),
            step=0.05,
            explained=t("The share of a tower's hidden outputs that each step leaves out."),
        ),
    }


def _architecture_values(model: ModelConfig, tasks: Sequence[str]) -> dict[str, object]:
    return {
        "model.num_experts": model.num_experts,
        **{f"model.{name}": getattr(model, name) for name in ("norm", "expert_dropout", "tower_dropout")},
        **{f"model.{name}": getattr(model, name) for name in _OF_GATES if hasattr(model, name)},
        "model.expert_widths": inputs.spell_widths(model.expert_widths),
        "model.embedding_size": model.embedding_size,
        "model.embedding_scale": model.embedding_scale,
        **{f"model.tower_widths.{task}": inputs.spell_widths(model.tower(task)) for task in tasks},
    }


def training(config: RunConfig, tasks: Sequence[str]) -> TrainConfig:
    """How it learns: task weights, step size, batch, length, seed; the rarer choices are folded."""
    train = config.train
    data_inputs.fill(config, _training_values(train, tasks))
    weights = {
        task: inputs.weight(f"train.task_weights.{task}", t("Weight · {task}", task=plain(task_label(task))))
        for task in tasks
    }
    changes: dict[str, Any] = {"task_weights": {task: weight for task, weight in weights.items() if weight != 1}}
    changes["batch_size"] = inputs.integer("train.batch_size", t("Batch"), inputs.bounds(TrainConfig, "batch_size"))
    changes["learning_rate"] = inputs.decimal("train.learning_rate", t("Learning rate"), (1e-6, 10.0), step=1e-3)
    changes["epochs"] = inputs.integer("train.epochs", t("Epochs"), inputs.bounds(TrainConfig, "epochs"))
    changes["seed"] = inputs.integer("train.seed", t("Seed"), inputs.bounds(TrainConfig, "seed"))
    with st.expander(t("More"), type="compact", key="more_training"), st.container(gap="xxsmall"):
        changes["optimizer"] = inputs.choice("train.optimizer", t("Optimiser"), _optimizers, is_wide=False)
        changes["weight_decay"] = inputs.decimal("train.weight_decay", t("Weight decay"), (0.0, 1.0), step=1e-4)
        changes["schedule"] = inputs.choice(
            "train.schedule",
            t("Schedule"),
            {kind: t(name) for kind, name in _schedules.items()},
            explained=t("How the learning rate goes over the run."),
        )
        changes["warmup_steps"] = inputs.integer(
            "train.warmup_steps",
            t("Warm-up"),
            inputs.bounds(TrainConfig, "warmup_steps"),
            explained=t("The steps over which the learning rate grows from 0."),
        )
        clip_norm = inputs.decimal(
            "train.clip_norm",
            t("Clip at"),
            (0.0, inputs.bounds(TrainConfig, "clip_norm")[1]),
            step=0.1,
            explained=t("The longest that all gradients together may be; 0: never clipped."),
        )
        patience = inputs.integer(
            "train.patience",
            t("Patience"),
            (0, inputs.bounds(TrainConfig, "patience")[1]),
            explained=t("Stop after this many epochs without a better validation result; 0: never stop early."),
        )
        best = {MEAN: t("mean of tasks"), **{task: task_label(task) for task in tasks}}
        changes["best_by"] = inputs.choice("train.best_by", t("Best by"), best)
    changes["patience"], changes["clip_norm"] = patience or None, clip_norm or None
    return TrainConfig.model_validate(train.model_dump() | changes)


def _training_values(train: TrainConfig, tasks: Sequence[str]) -> dict[str, object]:
    return {
        "train.optimizer": train.optimizer,
        "train.learning_rate": train.learning_rate,
        "train.weight_decay": train.weight_decay,
        "train.batch_size": train.batch_size,
        "train.epochs": train.epochs,
        "train.schedule": train.schedule,
        "train.warmup_steps": train.warmup_steps,
        "train.clip_norm": train.clip_norm or 0.0,
        "train.patience": train.patience or 0,
        "train.best_by": train.best_by if train.best_by in tasks else MEAN,
        "train.seed": train.seed,
        **{f"train.task_weights.{task}": train.task_weight(task) for task in tasks},
    }


def tasks(dataset: Dataset | None, chosen: DataConfig) -> tuple[str, ...]:
    """What is to be predicted, also while the dataset cannot be opened; then Ali-CCP's two where nobody knows."""
    if dataset:
        return dataset.schema.task_names
    match chosen:
        case SimulatedFeed():
            first, second, *others = feed.BEHAVIOURS
            return (first, second, feed.DWELL, *others)
        case MmoePaper():
            return tuple(f"y{number}" for number in range(1, chosen.num_tasks + 1))
        case _:
            return ("click", "purchase")
