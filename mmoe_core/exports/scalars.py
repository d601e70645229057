"""A run's stream as the named series that trackers draw: one number at one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ..records import EndRecord, EpochRecord, EvaluationRecord, GateSnapshot, StepRecord, TaskMetrics
from .ended import EndedRun

__all__ = ["Scalar", "gate_name", "scalars", "seconds_at"]

_METRICS = ("loss", "auc", "rmse")


@dataclass(frozen=True)
class Scalar:
    """One point of a series.

    Attributes:
        parts: Its name from the general to the particular, such as `("loss", "click")`.
        step: Of the training.
        value: The number.
        seconds: When, as UTC seconds.
    """

    parts: tuple[str, ...]
    step: int
    value: float
    seconds: float


def scalars(run: EndedRun) -> Iterator[Scalar]:
    """Every number that a run said while it trained, in its order."""
    seconds = iter(seconds_at(run))
    for record in run.records:
        now = next(seconds)

        def points(of: Mapping[tuple[str, ...], float], step: int = record.step, now: float = now) -> Iterator[Scalar]:
            return (Scalar(parts, step, float(value), now) for parts, value in of.items())

        match record:
            case StepRecord():
                yield from points({("loss", task): loss for task, loss in record.task_losses.items()})
                yield from points({("weight", task): weight for task, weight in record.task_weights.items()})
                yield from points({("learning_rate",): record.learning_rate})
                norms = record.gradient_norms or {}
                yield from points({("gradient_norm", task): norm for task, norm in norms.items()})
            case EvaluationRecord():
                yield from points(_judged("validation_sample", record.metrics))
            case EpochRecord():
                yield from points(_judged("validation", record.metrics))
            case EndRecord():
                yield from points(_judged("test", record.metrics))
            case GateSnapshot():
                yield from points(_means(record))


def seconds_at(run: EndedRun) -> list[float]:
    """When each record was said, as UTC seconds: the run's start, and its training time since."""
    start, elapsed_s, found = run.row.started_at or run.row.created_at, 0.0, []
    for record in run.records:
        elapsed_s = getattr(record, "elapsed_s", elapsed_s)
        found.append((start + timedelta(seconds=elapsed_s)).timestamp())
    return found


def gate_name(level: int, reader: str, expert: str) -> tuple[str, ...]:
    """What the weight of one expert at one reader is called."""
    return (f"gates_{level + 1}", reader, expert)


def _judged(split: str, metrics: Mapping[str, TaskMetrics]) -> dict[tuple[str, ...], float]:
    return {
        (split, name, task): value
        for task, found in metrics.items()
        for name in _METRICS
        if (value := getattr(found, name)) is not None
    }


def _means(snapshot: GateSnapshot) -> dict[tuple[str, ...], float]:
    return {
        gate_name(number, reader, expert): mean
        for number, level in enumerate(snapshot.levels)
        for reader, means in zip(level.readers, level.mean_RE, strict=True)
        for expert, mean in zip(level.experts, means, strict=True)
    }
