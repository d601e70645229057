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
from .language import mark, t, task_label

__all__ = ["architecture", "pick_preset", "reset", "shown", "tasks", "training"]

_PRESET = "form_preset"  # the marked one

_presets = {"tutorial": mark("Tutorial"), "classroom": mark("Classroom"), "census": mark("Census")}
_kinds: dict[ModelKind, str] = {
    "mmoe": mark("MMoE"),
    "one_gate": mark("One-gate MoE"),
    "shared_bottom": mark("Shared-Bottom"),
}
_choices = {"num_experts": mark("the number of experts")}
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
        task: inputs.widths(f"model.tower_widths.{task}", t("Tower · {task}", task=task_label(task)), model.tower(task))
        for task in tasks
    }
    changes["tower_widths"] = {task: sizes for task, sizes in towers.items() if sizes != model.default_tower_widths}
    changes["embedding_size"], changes["embedding_scale"] = inputs.pair(
        t("Embedding"),
        ("model.embedding_size", t("Embedding size"), inputs.bounds(SharedBottom, "embedding_size"), 1),
        ("model.embedding_scale", t("Embedding scale"), (min(0.01, model.embedding_scale), 10.0), 0.1),
        explained=t("Numbers per id, and the spread they start with. A small spread hides the input from the gates."),
    )
    return type(model).model_validate(model.model_dump() | changes)


def _architecture_values(model: ModelConfig, tasks: Sequence[str]) -> dict[str, object]:
    return {
        "model.num_experts": model.num_experts,
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
        task: inputs.weight(f"train.task_weights.{task}", t("Weight · {task}", task=task_label(task))) for task in tasks
    }
    changes: dict[str, Any] = {"task_weights": {task: weight for task, weight in weights.items() if weight != 1}}
    changes["batch_size"] = inputs.integer("train.batch_size", t("Batch"), inputs.bounds(TrainConfig, "batch_size"))
    changes["learning_rate"] = inputs.decimal("train.learning_rate", t("Learning rate"), (1e-6, 10.0), step=1e-3)
    changes["epochs"] = inputs.integer("train.epochs", t("Epochs"), inputs.bounds(TrainConfig, "epochs"))
    changes["seed"] = inputs.integer("train.seed", t("Seed"), inputs.bounds(TrainConfig, "seed"))
    with st.expander(t("More"), type="compact"), st.container(gap="xxsmall"):
        changes["optimizer"] = inputs.choice("train.optimizer", t("Optimiser"), _optimizers, is_wide=False)
        changes["weight_decay"] = inputs.decimal("train.weight_decay", t("Weight decay"), (0.0, 1.0), step=1e-4)
        patience = inputs.integer(
            "train.patience",
            t("Patience"),
            (0, inputs.bounds(TrainConfig, "patience")[1]),
            explained=t("Stop after this many epochs without a better validation result; 0: never stop early."),
        )
        best = {MEAN: t("mean of tasks"), **{task: task_label(task) for task in tasks}}
        changes["best_by"] = inputs.choice("train.best_by", t("Best by"), best, is_wide=False)
    changes["patience"] = patience or None
    return TrainConfig.model_validate(train.model_dump() | changes)


def _training_values(train: TrainConfig, tasks: Sequence[str]) -> dict[str, object]:
    return {
        "train.optimizer": train.optimizer,
        "train.learning_rate": train.learning_rate,
        "train.weight_decay": train.weight_decay,
        "train.batch_size": train.batch_size,
        "train.epochs": train.epochs,
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
