"""How it learns: what a page asks, and the config that the answers make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mmoe_core.config import MEAN, RunConfig, TrainConfig

from . import data_inputs, inputs
from .balancing_inputs import balancing
from .language import mark, plain, t, task_label

__all__ = ["training"]

_moved_rows = {"read": mark("those read"), "all": mark("all of them")}
_schedules = {"constant": mark("constant"), "linear": mark("linear to 0"), "cosine": mark("cosine to 0")}
_optimizers = {"adam": "Adam", "adagrad": "Adagrad", "sgd": "SGD"}


def training(config: RunConfig, tasks: Sequence[str]) -> TrainConfig:
    """How it learns: task weights and their balancing, step size, batch, length, seed; the rarer choices are folded."""
    train = config.train
    data_inputs.fill(config, _training_values(train, tasks))
    weights = {
        task: inputs.weight(
            f"train.task_weights.{task}",
            t("{task} weight", task=plain(task_label(task))),
            explained=t("How much this task's loss counts in the sum; 0 switches it off."),
        )
        for task in tasks
    }
    changes: dict[str, Any] = {"task_weights": {task: weight for task, weight in weights.items() if weight != 1}}
    changes["balancing"] = balancing(config, tasks)
    changes["batch_size"] = inputs.integer(
        "train.batch_size",
        t("Batch"),
        inputs.bounds(TrainConfig, "batch_size"),
        explained=t("The rows of one step; with few positives, small batches often hold none."),
    )
    changes["learning_rate"] = inputs.decimal(
        "train.learning_rate",
        t("Learning rate"),
        (1e-6, 10.0),
        step=1e-3,
        explained=t("How far a step moves the weights."),
    )
    changes["epochs"] = inputs.integer(
        "train.epochs",
        t("Epochs"),
        inputs.bounds(TrainConfig, "epochs"),
        explained=t("How often every row is learnt from; the best epoch's weights are kept."),
    )
    changes["seed"] = inputs.integer(
        "train.seed",
        t("Seed"),
        inputs.bounds(TrainConfig, "seed"),
        explained=t("Decides initial weights and order of rows; the same seed gives the same numbers."),
    )
    with st.expander(t("More"), type="compact", key="more_training"), st.container(gap="xxsmall"):
        changes["optimizer"] = inputs.choice(
            "train.optimizer",
            t("Optimiser"),
            _optimizers,
            is_wide=False,
            explained=t("How gradients become moves; Adam and Adagrad give each number a pace of its own."),
        )
        changes["weight_decay"] = inputs.decimal(
            "train.weight_decay",
            t("Weight decay"),
            (0.0, 1.0),
            step=1e-4,
            explained=t("Pulls weights towards 0 as they are moved; an id that no batch holds keeps its embedding."),
        )
        changes["moved_rows"] = inputs.choice(
            "train.moved_rows",
            t("Embeddings moved"),
            {kind: t(name) for kind, name in _moved_rows.items()},
            explained=t(
                "By a step: those of the ids that its batch holds; or all of them, as torch's own optimisers do, also "
                "where only momentum or weight decay pulls. All is slow where there are many ids."
            ),
        )
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
        changes["best_by"] = inputs.choice(
            "train.best_by",
            t("Best by"),
            best,
            explained=t("Whose validation AUC decides which epoch's weights are kept."),
        )
        changes["num_processes"] = inputs.integer(
            "train.num_processes",
            t("Processes"),
            inputs.bounds(TrainConfig, "num_processes"),
            explained=t("That share every batch, a core each; worth it where batches are large."),
        )
    changes["patience"], changes["clip_norm"] = patience or None, clip_norm or None
    return TrainConfig.model_validate(train.model_dump() | changes)


def _training_values(train: TrainConfig, tasks: Sequence[str]) -> dict[str, object]:
    return {
        "train.optimizer": train.optimizer,
        "train.learning_rate": train.learning_rate,
        "train.weight_decay": train.weight_decay,
        "train.moved_rows": train.moved_rows,
        "train.batch_size": train.batch_size,
        "train.epochs": train.epochs,
        "train.schedule": train.schedule,
        "train.warmup_steps": train.warmup_steps,
        "train.clip_norm": train.clip_norm or 0.0,
        "train.patience": train.patience or 0,
        "train.best_by": train.best_by if train.best_by in tasks else MEAN,
        "train.seed": train.seed,
        "train.num_processes": train.num_processes,
        **{f"train.task_weights.{task}": train.task_weight(task) for task in tasks},
    }
