"""Operations on gates, and what they do to every task on rows that no training saw.

Shape suffixes in this file:
    N rows   B batch   R readers   E experts   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...config import LevelPlan, TaskSpec
from ...data import Split
from ...errors import ConfigError, DatasetError
from ...metrics import PairedDifference, auc_difference, mean_difference, rmse_difference, task_metrics
from ...models.following import hooked
from ...models.gates import Gates
from .asked import Difference, Operate, Operated, TaskOperated
from .network import Network

__all__ = ["operate"]

_ROWS_AT_ONCE = 8192


def operate(network: Network, question: Operate) -> Operated:
    """Judge the network with other gates, beside itself.

    Raises:
        ConfigError: its gates cannot be operated on in this way.
        DatasetError: there is no test row.
    """
    place = _place(network, question)
    level, split = network.model.levels[place], network.held_out
    _check(network, level, question)
    if not len(split):
        raise DatasetError("The test split of {dataset} has no rows to judge on.", dataset=network.dataset.name)
    before_NT, before_RE = scored(network, split, place)
    with hooked(network.model.gates[place], lambda _module, _read, found: operated(found, level, question)):
        after_NT, after_RE = scored(network, split, place)
    tasks = network.dataset.schema.tasks
    return Operated(
        readers=level.readers,
        experts=level.experts,
        before_RE=_rows(before_RE),
        after_RE=_rows(after_RE),
        tasks=tuple(_judged(task, split, k, before_NT[:, k], after_NT[:, k]) for k, task in enumerate(tasks)),
        rows=len(split),
        of_rows=len(network.dataset.split("test")),
    )


def operated(logits_BRE: Tensor, level: LevelPlan, question: Operate) -> Tensor:
    """The logits after all operations, in their order."""
    order = list(range(len(level.readers)))
    if question.swapped is not None:
        one, other = (level.readers.index(reader) for reader in question.swapped)
        order[one], order[other] = other, one
    swapped_BRE = logits_BRE[:, order]
    is_silent_E = torch.tensor([expert in question.silent for expert in level.experts])
    found_BRE = swapped_BRE.masked_fill(is_silent_E, -torch.inf) / question.temperature
    if question.force:
        found_BRE = torch.zeros_like(found_BRE).masked_fill(~_is_left(found_BRE, level, question), -torch.inf)
    is_theirs_R = torch.tensor([question.reader in (None, reader) for reader in level.readers])
    return torch.where(is_theirs_R[:, None], found_BRE, swapped_BRE)


def _is_left(logits_BRE: Tensor, level: LevelPlan, question: Operate) -> Tensor:
    """Whom a forced gate still hears."""
    is_open_BRE = logits_BRE != -torch.inf
    experts_E = torch.arange(len(level.experts))
    if question.force == "top":
        return is_open_BRE & (experts_E == logits_BRE.argmax(dim=2, keepdim=True))
    if question.force == "one" and question.only is not None:
        return is_open_BRE & (experts_E == level.experts.index(question.only))
    return is_open_BRE


def scored(network: Network, split: Split, place: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores (N, T), and the mean weights of one level's gates, (R, E).

    Raises:
        ConfigError: a score is not a number.
    """
    level = network.model.levels[place]
    scores, sum_RE = [], np.zeros((len(level.readers), len(level.experts)))
    with torch.no_grad():
        for start in range(0, len(split), _ROWS_AT_ONCE):
            output = network.model.score(network.read(split.take(slice(start, start + _ROWS_AT_ONCE))))
            scores.append(output.scores_BT.numpy().astype(np.float64))
            sum_RE += output.gates[place].weights_BRE.sum(dim=0, dtype=torch.float64).numpy()
    scores_NT = np.concatenate(scores)
    if not np.isfinite(scores_NT).all():
        raise ConfigError("With these gates the network's scores are no numbers. Look at weights of an earlier epoch.")
    return scores_NT, sum_RE / len(split)


def _place(network: Network, question: Operate) -> int:
    levels = network.model.levels
    place = len(levels) - 1 if question.level is None else question.level
    if place >= len(levels):
        raise ConfigError(
            "The network has {count} levels of gates, numbered from 0; there is no level {level}.",
            count=len(levels),
            level=place,
        )
    if not isinstance(network.model.gates[place], Gates):
        raise ConfigError("This network has no gates over experts: there is nothing to operate on.")
    return place


def _check(network: Network, level: LevelPlan, question: Operate) -> None:
    """That all names are there, and that every reader still hears somebody."""
    named = [(reader, level.readers) for reader in (*(question.swapped or ()), question.reader) if reader is not None]
    named += [(expert, level.experts) for expert in (*question.silent, question.only) if expert is not None]
    for name, known in named:
        if name not in known:
            raise ConfigError(
                "This level of gates knows no '{name}'. Choose one of {known}.", name=name, known=", ".join(known)
            )
    if (question.force == "one") != (question.only is not None):
        raise ConfigError("To hear one expert alone, name it; and name none otherwise.")
    if question.swapped is not None and level.num_gates == 1:
        raise ConfigError("This network has one gate for all tasks: there is nothing to swap.")
    open_1RE = torch.full((1, len(level.readers), len(level.experts)), -torch.inf)
    for place, heard in enumerate(level.reach):
        open_1RE[0, place, list(heard)] = 0
    left_RE = operated(open_1RE, level, question)[0]
    for reader, left_E in zip(level.readers, left_RE, strict=True):
        if (left_E == -torch.inf).all():
            raise ConfigError(
                "With these operations {reader} would hear no expert at all. Leave it one that it can hear.",
                reader=reader,
            )


def _judged(
    task: TaskSpec, split: Split, k: int, before_N: NDArray[np.float64], after_N: NDArray[np.float64]
) -> TaskOperated:
    observed_N = split.observed_NT[:, k].astype(bool)
    labels_N = split.labels_NT[observed_N, k].astype(np.float64)
    truth_N = None if split.truth_NT is None else split.truth_NT[:, k]
    one_N, other_N = after_N[observed_N], before_N[observed_N]
    differ = auc_difference if task.kind == "binary" else rmse_difference
    metrics = (
        task_metrics(task.kind, split.labels_NT[:, k], scores_N, split.observed_NT[:, k], truth_N)
        for scores_N in (before_N, after_N)
    )
    before, after = metrics
    return TaskOperated(
        task=task.name,
        before=before,
        after=after,
        loss=_said(mean_difference(_losses(task, labels_N, one_N), [_losses(task, labels_N, other_N)])),
        quality=_said(differ(labels_N, one_N, [other_N])) if len(labels_N) else None,
    )


def _losses(task: TaskSpec, labels_N: NDArray[np.float64], scores_N: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row: cross-entropy in nats, or squared error."""
    if task.kind == "regression":
        return np.asarray((labels_N - scores_N) ** 2)
    return np.asarray(np.logaddexp(0.0, scores_N) - labels_N * scores_N)


def _said(found: PairedDifference | None) -> Difference | None:
    if found is None:
        return None
    return Difference(difference=found.difference, low=found.low, high=found.high, p=found.p)


def _rows(values_RE: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    rows: Sequence[Sequence[float]] = values_RE.tolist()
    return tuple(map(tuple, rows))
