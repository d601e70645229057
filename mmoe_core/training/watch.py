"""Looking at a network without touching it: metrics on a split, gates on the probe rows.

Shape suffixes in this file:
    B rows   R readers   E experts   N rows that are judged   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import sigmoid

from ..config import Schema, TrainConfig
from ..data import Dataset, Split, probe_rows
from ..errors import TrainingError
from ..metrics import gate_level, task_metrics
from ..models import MultiTaskModel, MultiTaskOutput
from ..records import GateSnapshot, TaskMetrics
from .batches import ordered_batches

__all__ = ["Part", "Watch"]

_ROWS_AT_ONCE = 4096  # large enough to amortise each call, small enough for the processor's cache


@dataclass(frozen=True)
class Part:
    """Rows of a split that are looked at together; all of them where `rows` is None."""

    split: Split
    rows: NDArray[np.int64] | None = None

    def of(self, values: np.ndarray) -> np.ndarray:
        """What an array of the split says on these rows."""
        return values if self.rows is None else np.asarray(values[self.rows])


class Watch:
    """The fixed places from which one run is watched.

    Args:
        model: The network.
        dataset: Where the splits are.
        config: How many rows the validation sample and the probe set have.
    """

    def __init__(self, model: MultiTaskModel, dataset: Dataset, config: TrainConfig) -> None:
        validation = dataset.split("validation")
        self._model = model
        self._schema: Schema = dataset.schema
        self.validation = Part(validation)
        self.sample = Part(validation, probe_rows(dataset, config.validation_rows))
        self._probe = Part(validation, probe_rows(dataset, config.probe_rows))

    def scores(self, part: Part, *, step: int) -> NDArray[np.float32]:
        """Logits (binary) or values (regression), (N, T).

        Raises:
            TrainingError: a score is not a number; says after which step.
        """
        batches = [output.scores_BT.numpy() for output in self._outputs(part)]
        scores_NT = np.concatenate([np.empty((0, len(self._schema.tasks)), dtype=np.float32), *batches])
        for name, column_N in zip(self._schema.task_names, scores_NT.T, strict=True):
            if not np.isfinite(column_N).all():
                raise TrainingError(
                    "After step {step} the scores of the task '{task}' on the {split} split are no longer numbers. "
                    "Lower the learning rate or the weight of this task and train again. "
                    "The last good checkpoint is kept.",
                    step=step,
                    task=name,
                    split=part.split.name,
                )
        return scores_NT

    def metrics(self, part: Part, scores_NT: NDArray[np.float32]) -> Mapping[str, TaskMetrics]:
        """Judge scores, by task."""
        split = part.split
        labels_NT, observed_NT = part.of(split.labels_NT), part.of(split.observed_NT)
        truth_NT = None if split.truth_NT is None else part.of(split.truth_NT)
        return {
            task.name: task_metrics(
                task.kind,
                labels_NT[:, k],
                scores_NT[:, k],
                observed_NT[:, k],
                None if truth_NT is None else truth_NT[:, k],
            )
            for k, task in enumerate(self._schema.tasks)
        }

    def predictions(self, scores_NT: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores as people read them: probabilities of binary tasks, values of regression tasks."""
        is_binary_T = np.array([task.kind == "binary" for task in self._schema.tasks])
        return np.where(is_binary_T, sigmoid(torch.from_numpy(scores_NT)).numpy(), scores_NT)

    def probe_gates(self) -> tuple[NDArray[np.float32], ...]:
        """Gate weights on every probe row, (B, R, E) per level."""
        per_batch = [[level.weights_BRE.numpy() for level in output.gates] for output in self._outputs(self._probe)]
        return tuple(np.concatenate(level) for level in zip(*per_batch, strict=True))

    def snapshot(self, step: int, gates: tuple[NDArray[np.float32], ...] | None = None) -> GateSnapshot:
        """The record of the current gates, or of given ones."""
        gates = self.probe_gates() if gates is None else gates
        readers, experts = self._model.tasks, self._model.expert_names
        return GateSnapshot(step=step, levels=tuple(gate_level(readers, experts, level) for level in gates))

    def _outputs(self, part: Part) -> Iterator[MultiTaskOutput]:
        for batch in ordered_batches(part.split, _ROWS_AT_ONCE, part.rows):
            with torch.no_grad():
                yield self._model(batch.ids_BK, batch.dense_BV, batch.weights_BK)
