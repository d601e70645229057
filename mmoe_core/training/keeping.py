"""Which weights are kept, and what a resumed run needs."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ..config import MEAN
from ..models import MultiTaskModel
from ..records import TaskMetrics
from .balancing import Balancer
from .optimizer import ModelOptimizer
from .state import Progress, TrainingState, join, part

__all__ = ["Keeper", "merit"]


class Keeper:
    """The best weights so far, the progress, and the way from and to a `TrainingState`."""

    def __init__(
        self, model: MultiTaskModel, optimizer: ModelOptimizer, balancer: Balancer, progress: Progress, best_by: str
    ) -> None:
        self._model = model
        self._optimizer = optimizer
        self._balancer = balancer
        self._best_by = best_by
        self._best: dict[str, Tensor] = {}
        self.progress = progress

    def consider(self, metrics: Mapping[str, TaskMetrics]) -> bool:
        """Keep the current weights if they are the best of all epochs; say whether they are.

        The untrained network never competes with a trained one, and where nothing can be judged the latest is kept.
        """
        progress = self.progress
        value = merit(metrics, self._best_by)
        is_first = progress.best_epoch == 0
        is_best = is_first or value is None or progress.best_value is None or value > progress.best_value
        if is_best:
            self._best = join(best=self._model.state_dict())
            progress.best_epoch, progress.best_step, progress.best_value = progress.epoch, progress.step, value
        progress.epochs_without_better = 0 if is_best else progress.epochs_without_better + 1
        return is_best

    def state(self) -> TrainingState:
        """A copy of everything, safe from the steps that follow."""
        tensors = join(
            model=self._model.state_dict(), optimizer=self._optimizer.state(), balancer=self._balancer.state()
        )
        return TrainingState({**tensors, **self._best}, self.progress.counters())

    def restore(self, state: TrainingState) -> None:
        """Go back to a state, bit by bit; where it has nothing of the balancing, that begins anew."""
        self._model.load_state_dict(part(state.tensors, "model"))
        self._optimizer.load(part(state.tensors, "optimizer"))
        if balancer := part(state.tensors, "balancer"):
            self._balancer.load(balancer)
        self._best = join(best=part(state.tensors, "best"))
        self.progress = Progress(**state.counters)

    def load_best(self) -> None:
        """Put the best weights into the network."""
        self._model.load_state_dict(part(self._best, "best"))


def merit(metrics: Mapping[str, TaskMetrics], best_by: str) -> float | None:
    """What chooses the epoch, higher is better: a task's value, or the mean over the tasks that have one.

    A task's value is its AUC; minus the root mean squared error of a regression task; minus the loss where only one
    class was seen.
    """
    judged = metrics.values() if best_by == MEAN else [metrics[best_by]]
    values = [value for task in judged if (value := _merit_of(task)) is not None]
    return sum(values) / len(values) if values else None


def _merit_of(task: TaskMetrics) -> float | None:
    if task.auc is not None:
        return task.auc
    worst_first = task.rmse if task.kind == "regression" else task.loss
    return None if worst_first is None else -worst_first
