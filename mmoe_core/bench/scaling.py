"""Do two processes train faster than one? Both without a preparation thread, so that each has one core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from ..config import Frozen
from .turns import run, run_together

__all__ = ["Scaling", "measure_scaling"]


class Scaling(Frozen):
    """Medians over the rounds at one batch size.

    Attributes:
        batch_size: Rows of a step, of all processes together.
        processes: How many trained together.
        alone: Rows per second of one process.
        together: Of all.
        ratio: Together over alone, median of the rounds' ratios.
    """

    batch_size: int
    processes: int
    alone: float
    together: float
    ratio: float


def measure_scaling(
    processes: int, batch_sizes: Sequence[int], rows: int, rounds: int, say: Callable[[str], None]
) -> list[Scaling]:
    """Train one epoch alone and together, in turn.

    Args:
        processes: How many train together.
        batch_sizes: Of the whole batch.
        rows: Of the train split.
        rounds: How often both have a turn.
        say: Told what is being timed.

    Raises:
        LabError: one of the processes failed; says its last line.
    """
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in batch_sizes}
    for turn in range(1, rounds + 1):
        for size in batch_sizes:
            say(f"{turn} of {rounds}: batch {size:,}")
            settings = ("--batch", str(size), "--ahead", "0")
            alone = run("engine", rows, 1, *settings).train_rows_per_second or 0.0
            together = run_together(processes, rows, *settings).train_rows_per_second or 0.0
            found[size].append((alone, together))
    return [
        Scaling(
            batch_size=size,
            processes=processes,
            alone=median(alone for alone, _ in pairs),
            together=median(together for _, together in pairs),
            ratio=median(together / alone for alone, together in pairs),
        )
        for size, pairs in found.items()
    ]
