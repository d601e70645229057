"""Looking at a network without touching it: metrics on a split, gates on the probe rows.

Shape suffixes in this file:
    B batch   D input width   R readers   E experts   N rows of a split   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import sigmoid

from ..config import Schema, TaskSpec, TrainConfig
from ..data import Dataset, Split, probe_rows
from ..errors import TrainingError
from ..metrics import closing_metrics, conditional_logits, conditional_probabilities, gate_level, task_metrics
from ..models import EntireSpaceModel, MultiTaskModel, MultiTaskOutput
from ..records import GateSnapshot, TaskMetrics
from .ancestry import Origin, origin_of_scores
from .batches import Batch, each_batch
from .ranks import ALONE, Ranks

__all__ = ["Watch"]

_Judged = tuple[Literal["binary", "regression"], np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]

_ROWS_AT_ONCE = 8192  # large enough to amortise each call, small enough for the processor's cache


class Watch:
    """The fixed places from which one run is watched.

    Args:
        model: The network.
        dataset: Where the splits are.
        config: How many rows the validation sample and the probe set have.
        ranks: Among whom the rows are dealt; each has all the results.
    """

    def __init__(self, model: MultiTaskModel, dataset: Dataset, config: TrainConfig, ranks: Ranks = ALONE) -> None:
        validation = dataset.split("validation")
        self._model = model
        self._schema: Schema = dataset.schema
        self._ranks = ranks
        self._threads_ahead = config.threads_ahead
        self.validation = validation
        self.sample = validation.pick(probe_rows(dataset, config.validation_rows))
        self._probe = validation.pick(probe_rows(dataset, config.probe_rows))

    def scores(self, split: Split, *, step: int) -> NDArray[np.float32]:
        """Logits (binary) or values (regression) of a whole split, (N, T).

        Raises:
            TrainingError: a score is not a number; says after which step.
        """
        parts = [output.scores_BT.cpu().numpy() for output in self._outputs(split)]
        own_NT = np.concatenate([np.empty((0, len(self._schema.tasks)), dtype=np.float32), *parts])
        scores_NT = self._gathered(own_NT, split)
        for name, column_N in zip(self._schema.task_names, scores_NT.T, strict=True):
            if not np.isfinite(column_N).all():
                origin = self._origin(split, int(np.isfinite(column_N).argmin())) or Origin("a score", name)
                raise TrainingError(
                    "After step {step} the scores of the task '{task}' on the {split} split are no longer numbers. The "
                    "first value that is none, on the way to them, is {origin} ({name}). Lower the learning rate or "
                    "the weight of this task and train again. The last good checkpoint is kept.",
                    step=step,
                    task=name,
                    split=split.name,
                    origin=origin.place,
                    name=origin.name,
                )
        return scores_NT

    def metrics(self, split: Split, scores_NT: NDArray[np.float32]) -> Mapping[str, TaskMetrics]:
        """Judge scores of a split, by task; quick, since it is done all along."""
        return {task.name: task_metrics(*judged) for task, judged in self._judged(split, scores_NT)}

    def closing_metrics(self, split: Split, scores_NT: NDArray[np.float32]) -> Mapping[str, TaskMetrics]:
        """Judge the scores of the weights that are kept by all that there is."""
        users_N = split.users()
        return {task.name: closing_metrics(*judged, users_N) for task, judged in self._judged(split, scores_NT)}

    def _judged(self, split: Split, scores_NT: NDArray[np.float32]) -> Iterator[tuple[TaskSpec, _Judged]]:
        """Each task with its kind, labels, scores, whether they are observed, and true probabilities."""
        for k, task in enumerate(self._schema.tasks):
            truth_N = None if split.truth_NT is None else split.truth_NT[:, k]
            yield task, (task.kind, split.labels_NT[:, k], scores_NT[:, k], split.observed_NT[:, k], truth_N)

    def cvr_metrics(self, split: Split, scores_NT: NDArray[np.float32]) -> Mapping[str, TaskMetrics]:
        """Of a model that scores a CTCVR task by a product: its second factor, judged where there was a click."""
        if not isinstance(self._model, EntireSpaceModel):
            return {}
        spaces = [task.label_space for task in self._schema.tasks]
        click = spaces.index("ctr")
        is_clicked_N, users_N = split.labels_NT[:, click] == 1, split.users()
        return {
            name: closing_metrics(
                "binary",
                split.labels_NT[:, k],
                conditional_logits(scores_NT[:, k], scores_NT[:, click]),
                split.observed_NT[:, k] & is_clicked_N,
                None
                if split.truth_NT is None
                else conditional_probabilities(split.truth_NT[:, k], split.truth_NT[:, click]),
                users_N,
            )
            for k, name in enumerate(self._schema.task_names)
            if spaces[k] == "ctcvr"
        }

    def predictions(self, scores_NT: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores as people read them: probabilities of binary tasks, values of regression tasks."""
        is_binary_T = np.array([task.kind == "binary" for task in self._schema.tasks])
        return np.where(is_binary_T, sigmoid(torch.from_numpy(scores_NT)).numpy(), scores_NT)

    def probe_gates(self) -> tuple[NDArray[np.float32], ...]:
        """Gate weights on every probe row, (B, R, E) per level."""
        per_batch = [
            [level.weights_BRE.cpu().numpy() for level in output.gates] for output in self._outputs(self._probe)
        ]
        own = (np.concatenate(level) for level in zip(*per_batch, strict=True))
        return tuple(self._gathered(level_BRE, self._probe) for level_BRE in own)

    def snapshot(self, step: int, gates: tuple[NDArray[np.float32], ...] | None = None) -> GateSnapshot:
        """The record of the current gates, or of given ones."""
        gates = self.probe_gates() if gates is None else gates
        levels = zip(self._model.levels, gates, strict=True)
        return GateSnapshot(
            step=step, levels=tuple(gate_level(level.readers, level.experts, weights) for level, weights in levels)
        )

    def _outputs(self, split: Split) -> Iterator[MultiTaskOutput]:
        own = self._ranks.share(len(split))
        if own.start == own.stop:
            own = slice(0, min(1, len(split)))  # somebody else's: networks read some row
        for x_BD in each_batch(split, _ROWS_AT_ONCE, self._read, own=own, threads_ahead=self._threads_ahead):
            self._model.eval()
            with torch.no_grad():
                output = self._model.score(x_BD)
            self._model.train()
            yield output

    def _origin(self, split: Split, row: int) -> Origin | None:
        """Where the way of one row to its scores first leads over what is no number."""
        (batch,) = each_batch(split, 1, lambda batch: batch, own=slice(row, row + 1), threads_ahead=0)
        self._model.eval()
        return origin_of_scores(self._model, self._schema, batch.to(self._model.table.weight.device))

    def _gathered(self, own_NX: NDArray[np.float32], split: Split) -> NDArray[np.float32]:
        """What all ranks have found, row by row."""
        own = self._ranks.share(len(split))
        return self._ranks.gather(own_NX[: own.stop - own.start], len(split))

    def _read(self, batch: Batch) -> Tensor:
        """Look the fields up, (B, D): ahead as well, since it waits for memory while the layers compute."""
        batch = batch.to(self._model.table.weight.device)
        with torch.no_grad():
            x_BD: Tensor = self._model.table(batch.ids_BK, batch.dense_BV, batch.weights_BK)
        return x_BD
