"""A trainer without a network: the order of events and the state of the real one, in microseconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from mmoe_core.config import MMoE, RunConfig, Schema, SimulatedAliCcp, TaskSpec, TrainConfig, ValueField
from mmoe_core.records import (
    ChangeRecord,
    EndRecord,
    EpochRecord,
    GateLevel,
    GateSnapshot,
    GradientSnapshot,
    LevelPulls,
    Pulls,
    Record,
    SetLearningRate,
    SetTaskWeights,
    StepRecord,
    Stop,
    TaskMetrics,
)
from mmoe_core.runs import RunRow, Store, work
from mmoe_core.training import NO_CONTROLS, Checkpoint, Controls, Finished, Savepoint, TrainingState

STEPS_PER_EPOCH = 8
SCHEMA = Schema(
    id_fields=(), value_fields=(ValueField(name="v"),), tasks=(TaskSpec(name="click"), TaskSpec(name="purchase"))
)
METRICS = {task: TaskMetrics(kind="binary", rows=4, loss=0.5, positives=2, auc=0.75) for task in SCHEMA.task_names}


def config(*, epochs: int = 3, seed: int = 1) -> RunConfig:
    return RunConfig(
        data=SimulatedAliCcp(num_rows=1_000),
        model=MMoE(num_experts=2),
        train=TrainConfig(epochs=epochs, batch_size=10, seed=seed, snapshot_every=2),
    )


def dataset(_config: object = None) -> Any:
    test = SimpleNamespace(labels_NT=np.zeros((4, 2), np.float32), observed_NT=np.ones((4, 2), np.bool_))
    return SimpleNamespace(
        schema=SCHEMA, manifest=SimpleNamespace(rows={"train": 10 * STEPS_PER_EPOCH}), split=lambda name: test
    )


def snapshot(step: int) -> GateSnapshot:
    level = GateLevel(
        readers=SCHEMA.task_names,
        experts=("0", "1"),
        mean_RE=((0.5, 0.5), (0.25, 0.75)),
        sd_RE=((0.0, 0.0), (0.0, 0.0)),
        histogram_REK=(((1,) * 20,) * 2,) * 2,
    )
    return GateSnapshot(step=step, levels=(level,))


def pulls(step: int) -> GradientSnapshot:
    group = Pulls(norms_T=(1.0, 2.0), cosines_P=(-0.5,))
    levels = (LevelPulls(experts=("0", "1"), pulls_E=(group, group)),)
    return GradientSnapshot(step=step, tasks=SCHEMA.task_names, embeddings=group, levels=levels, shared=group)


def step_record(step: int, *, epoch: int = 1, loss: float = 0.5, weights: dict[str, float] | None = None) -> StepRecord:
    return StepRecord(
        step=step,
        epoch=epoch,
        rows=10,
        elapsed_s=step / 100,
        task_losses=dict.fromkeys(SCHEMA.task_names, loss),
        task_weights=weights or dict.fromkeys(SCHEMA.task_names, 1.0),
        learning_rate=0.001,
    )


def end_record(step: int, reason: Any = "completed") -> EndRecord:
    return EndRecord(
        step=step,
        reason=reason,
        best_epoch=1,
        best_step=STEPS_PER_EPOCH,
        metrics=METRICS,
        gates=snapshot(step),
        elapsed_s=step / 100,
    )


def fit(
    config: RunConfig,
    dataset: Any,
    *,
    controls: Controls = NO_CONTROLS,
    resume_from: TrainingState | None = None,
    step_s: float = 0.0,
    fails_at: int | None = None,
    failure: Exception | None = None,
) -> Iterator[Any]:
    """Events whose losses depend on all steps and changes before them."""
    loss, step, first_epoch = 0.7, 0, 1
    weights = dict.fromkeys(SCHEMA.task_names, 1.0)
    gates = (np.full((3, 2, 2), 0.5, np.float32),)

    def checkpoint(epoch: int) -> Checkpoint:
        state = TrainingState(
            {"loss": torch.tensor([loss], dtype=torch.float64)}, {"step": step, "weights": dict(weights)}
        )
        record = EpochRecord(epoch=epoch, step=step, metrics=METRICS, is_best=epoch == 1, best_epoch=min(1, epoch))
        return Checkpoint(record, state, gates)

    if resume_from is None:
        yield snapshot(0)
        yield checkpoint(0)
    else:
        loss, step = float(resume_from.tensors["loss"]), resume_from.counters["step"]
        weights = dict(resume_from.counters["weights"])
        first_epoch = step // STEPS_PER_EPOCH + 1
    for epoch in range(first_epoch, config.train.epochs + 1):
        for _ in range(STEPS_PER_EPOCH):
            for intent in controls.take(step + 1):
                if isinstance(intent, Stop):
                    yield Finished(
                        end_record(step, "stopped"), np.zeros((4, 2), np.float32), checkpoint(0).state, gates
                    )
                    return
                if isinstance(intent, SetTaskWeights):
                    weights.update(intent.task_weights)
                    yield ChangeRecord(step=step + 1, task_weights=dict(weights))
                if isinstance(intent, SetLearningRate):
                    yield ChangeRecord(step=step + 1, learning_rate=intent.learning_rate)
            if failure is not None and step + 1 == fails_at:
                raise failure
            time.sleep(step_s)
            step += 1
            loss = loss * 0.99 + 0.001 * weights["click"]
            yield step_record(step, epoch=epoch, loss=loss, weights=dict(weights))
            if step % config.train.snapshot_every == 0:
                yield snapshot(step)
        yield checkpoint(epoch)
    yield Finished(end_record(step), np.zeros((4, 2), np.float32), checkpoint(0).state, gates)


def said(events: Iterator[Any]) -> list[Record]:
    """The records of a stream of events."""
    return [event.record if isinstance(event, Savepoint | Checkpoint | Finished) else event for event in events]


def timeless(records: list[Record]) -> list[Record]:
    """The records without what a clock said."""
    return [
        record.model_copy(update={"elapsed_s": 0.0}) if hasattr(record, "elapsed_s") else record for record in records
    ]


def until(is_so: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


class Working(threading.Thread):
    """`work` in a thread of this process."""

    def __init__(self, store: Store, run_id: str, trainer: Any = fit, *, slots: int = 4) -> None:
        super().__init__(daemon=True)
        self._does: Callable[[], RunRow] = lambda: work(run_id, store=store, fit=trainer, prepare=dataset, slots=slots)
        self.start()

    def run(self) -> None:
        self._does()
