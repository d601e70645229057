"""Does the engine stay as fast, and as small, when the rows grow? It alone, a process each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from ..config import Frozen
from .figures import Figures
from .turns import run

__all__ = ["Growth", "measure_growth"]


class Growth(Frozen):
    """Medians over the rounds at one size.

    Attributes:
        rows: Of the train split.
        train_rows_per_second: One epoch, its first step left out.
        peak_mb: Memory that is no mapped file's.
    """

    rows: int
    train_rows_per_second: float
    peak_mb: float | None


def measure_growth(sizes: Sequence[int], rounds: int, say: Callable[[str], None]) -> list[Growth]:
    """Train one epoch at each size in turn.

    Args:
        sizes: Rows of the train split.
        rounds: How often each size has a turn.
        say: Told what is being timed.

    Raises:
        LabError: one of the processes failed; says its last line.
    """
    found: dict[int, list[Figures]] = {rows: [] for rows in sizes}
    for turn in range(1, rounds + 1):
        for rows in sizes:
            say(f"{turn} of {rounds}: {rows:,} rows")
            found[rows].append(run("engine", rows, 1))
    return [
        Growth(
            rows=rows,
            train_rows_per_second=median(one.train_rows_per_second or 0.0 for one in figures),
            peak_mb=max((one.peak_mb for one in figures if one.peak_mb is not None), default=None),
        )
        for rows, figures in found.items()
    ]
