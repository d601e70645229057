"""How sure a share is that was counted."""

from __future__ import annotations

from scipy.stats import binomtest

__all__ = ["exact_interval"]


def exact_interval(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """The exact binomial interval of a share, Clopper and Pearson 1934."""
    found = binomtest(count, of).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)
