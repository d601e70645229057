"""What one timed process says, on its last line as JSON."""

from __future__ import annotations

from ..config import BalancingMethod, Frozen

__all__ = ["Figures"]


class Figures(Frozen):
    """One process's figures; what it does not measure is None."""

    train_rows_per_second: float | None = None
    train_by_method: dict[BalancingMethod, float] | None = None  # rows per second with each balancing method
    evaluate_rows_per_second: float | None = None
    validation_loss: float | None = None  # cross-entropy summed over the tasks, nats
    milliseconds: dict[str, float] | None = None  # of a step, by part
    peak_mb: float | None = None  # resident memory of its own, mapped files left out
