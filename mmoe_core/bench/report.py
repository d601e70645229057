"""Everybody in turn, several times, each in a process of its own; medians, and ratios within a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from statistics import median

from ..config import Frozen
from .figures import Figures
from .turns import run

__all__ = ["Report", "measure"]

_PEERS: Mapping[str, tuple[str, tuple[int, ...]]] = {  # name → module, numbers of threads of which the better counts
    "torch-rechub": ("torch_rechub", (1, 2)),
    "deepctr-torch": ("deepctr_torch", (2,)),
}


class Report(Frozen):
    """Medians over the rounds.

    Attributes:
        rows: Of the train split.
        rounds: How often everybody had a turn.
        train: Who → rows per second; of a peer, with the better number of threads.
        evaluate: The same for scores and the AUC of every task.
        validation_loss: Who → cross-entropy after one epoch, summed over the tasks.
        train_ratio: Peer → our rows per second over theirs, median of the rounds' ratios.
        evaluate_ratio: The same for evaluation.
        share_of_floor: Our training rate over that of its matmuls, one gather and one scatter.
        milliseconds: Of a step, by part.
        peak_mb: Memory of our process that is no mapped file's.
    """

    rows: int
    rounds: int
    train: Mapping[str, float]
    evaluate: Mapping[str, float]
    validation_loss: Mapping[str, float]
    train_ratio: Mapping[str, float]
    evaluate_ratio: Mapping[str, float]
    share_of_floor: float
    milliseconds: Mapping[str, float]
    peak_mb: float | None


def measure(rows: int, rounds: int, say: Callable[[str], None]) -> Report:
    """Run the benchmark.

    Args:
        rows: Of the train split.
        rounds: How often everybody has a turn.
        say: Told who is being timed.

    Raises:
        LabError: one of the processes failed; says its last line.
    """
    who: list[tuple[str, int]] = [("engine", 1), ("floor", 1)]
    who += [(name, n) for name, (module, threads) in _PEERS.items() if find_spec(module) for n in threads]
    found: dict[tuple[str, int], list[Figures]] = defaultdict(list)
    for turn in range(1, rounds + 1):
        for name, threads in who:
            say(f"{turn} of {rounds}: {name}, {threads} {'thread' if threads == 1 else 'threads'}")
            found[name, threads].append(run(name, rows, threads))
    say("parts of a step")
    parts = run("parts", rows, 1)
    engine = found["engine", 1]
    best = {name: _fastest([figures for (who, _), figures in found.items() if who == name]) for name, _ in who}
    peers = [name for name in best if name in _PEERS]
    return Report(
        rows=rows,
        rounds=rounds,
        train={name: median(_train(figures)) for name, figures in best.items()},
        evaluate={name: median(_evaluate(figures)) for name, figures in best.items() if name != "floor"},
        validation_loss={
            name: median(one.validation_loss or 0.0 for one in figures)
            for name, figures in best.items()
            if name != "floor"
        },
        train_ratio={name: _ratio(_train(engine), _train(best[name])) for name in peers},
        evaluate_ratio={name: _ratio(_evaluate(engine), _evaluate(best[name])) for name in peers},
        share_of_floor=_ratio(_train(engine), _train(best["floor"])),
        milliseconds=parts.milliseconds or {},
        peak_mb=max((one.peak_mb for one in engine if one.peak_mb is not None), default=None),
    )


def _fastest(by_threads: Sequence[list[Figures]]) -> list[Figures]:
    return max(by_threads, key=lambda figures: median(_train(figures)))


def _train(figures: Sequence[Figures]) -> list[float]:
    return [one.train_rows_per_second or 0.0 for one in figures]


def _evaluate(figures: Sequence[Figures]) -> list[float]:
    return [one.evaluate_rows_per_second or 0.0 for one in figures]


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the rounds' ratios: the two were timed one after the other."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))
