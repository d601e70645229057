"""A dataset of a few hundred rows that exists in memory only, quick to train on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmoe_core.config import IdField, MMoE, RunConfig, Schema, TaskSpec, TrainConfig, ValueField
from mmoe_core.data import Split, SplitName
from mmoe_core.training import Event, Finished
from mmoe_core.training.events import Checkpoint, Savepoint

__all__ = ["TinyDataset", "comparable", "tiny_config", "tiny_dataset"]

TASKS = (TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr"))


@dataclass(frozen=True)
class TinyDataset:
    """What `fit` asks of a dataset."""

    schema: Schema
    splits: dict[SplitName, Split]

    def split(self, name: SplitName) -> Split:
        return self.splits[name]


def tiny_dataset(tasks: tuple[TaskSpec, ...] = TASKS, *, num_rows: int = 300, seed: int = 7) -> TinyDataset:
    """Two id fields and a value; every task is a noisy function of its own id field, so that there is much to learn."""
    draw = np.random.default_rng(seed)
    schema = Schema(
        id_fields=(IdField(name="user", vocabulary_size=13), IdField(name="item", vocabulary_size=23)),
        value_fields=(ValueField(name="price"),),
        tasks=tasks,
        user_field="user",
    )
    taste = draw.normal(scale=2, size=(len(tasks), schema.num_ids))

    def split(name: SplitName, rows: int) -> Split:
        ids = np.stack([draw.integers(3, 13, rows), 13 + draw.integers(3, 23, rows)], axis=1).astype(np.int32)
        utility_NT = np.stack([taste[k, ids[:, k % 2]] for k in range(len(tasks))], axis=1)
        is_binary = np.array([task.kind == "binary" for task in tasks])
        probability_NT = 1 / (1 + np.exp(-utility_NT))
        labels = np.where(is_binary, draw.random((rows, len(tasks))) < probability_NT, utility_NT)
        return Split(
            name=name,
            ids_NF=ids,
            dense_ND=draw.normal(size=(rows, 1)).astype(np.float32),
            labels_NT=labels.astype(np.float32),
            observed_NT=np.ones((rows, len(tasks)), dtype=bool),
            truth_NT=probability_NT,
            schema=schema,
        )

    return TinyDataset(
        schema, {"train": split("train", num_rows), "validation": split("validation", 90), "test": split("test", 80)}
    )


def tiny_config(model: object = None, **train: object) -> RunConfig:
    """Ten steps an epoch on the tiny dataset."""
    settings = {
        "batch_size": 32,
        "epochs": 3,
        "learning_rate": 0.01,
        "snapshot_every": 4,
        "validate_every": 5,
        "probe_rows": 40,
    }
    return RunConfig(
        model=model or MMoE(embedding_size=4, num_experts=3, expert_widths=(6,), default_tower_widths=(4,)),
        train=TrainConfig(**{**settings, **train}),
    )


def comparable(event: Event) -> object:
    """An event as a value whose equality means equal to the last bit; time is left out."""
    match event:
        case Checkpoint() | Finished() | Savepoint():
            tensors = {name: tensor.numpy().tobytes() for name, tensor in event.state.tensors.items()}
            counters = {**event.state.counters, "elapsed_s": None}
            gates = [] if isinstance(event, Savepoint) else [level.tobytes() for level in event.probe_gates_BRE]
            return comparable(event.record), tensors, counters, gates  # type: ignore[arg-type]
        case _:
            return {**event.model_dump(), "elapsed_s": None}
