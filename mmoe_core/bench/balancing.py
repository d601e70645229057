"""What each balancing method costs: the same epoch with every one of them in turn, against static weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import get_args

from pydantic import ValidationError

from ..config import SHIPPED, BalancingMethod, Frozen
from .turns import run

__all__ = ["BalancingCosts", "measure_balancing", "read_balancing_costs"]

_SHIPPED = SHIPPED / "bench" / "balancing.json"


class BalancingCosts(Frozen):
    """Medians over the rounds.

    Attributes:
        command: What was typed.
        date: When, in UTC.
        torch: The version that was timed.
        rows: Of the train split.
        rounds: How often every method had a turn.
        rows_per_second: By method.
        ratio: Rows per second over those of static weights, median of the rounds' ratios.
    """

    command: str
    date: str
    torch: str
    rows: int
    rounds: int
    rows_per_second: Mapping[BalancingMethod, float]
    ratio: Mapping[BalancingMethod, float]


def measure_balancing(rows: int, rounds: int, say: Callable[[str], None]) -> BalancingCosts:
    """Train one epoch with every method in turn, a process for each round.

    Args:
        rows: Of the train split.
        rounds: How often every method has a turn.
        say: Told what is being timed.

    Raises:
        LabError: one of the processes failed; says its last line.
    """
    found: dict[BalancingMethod, list[float]] = {}
    for turn in range(1, rounds + 1):
        say(f"{turn} of {rounds}: {len(get_args(BalancingMethod))} methods")
        for method, rate in (run("balancing", rows, 1).train_by_method or {}).items():
            found.setdefault(method, []).append(rate)
    return BalancingCosts(
        command=f"python -m mmoe_core bench balancing --rows {rows} --rounds {rounds}",
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        torch=version("torch"),
        rows=rows,
        rounds=rounds,
        rows_per_second={method: round(median(rates)) for method, rates in found.items()},
        ratio={
            method: round(median(one / plain for one, plain in zip(rates, found["static"], strict=True)), 3)
            for method, rates in found.items()
        },
    )


def read_balancing_costs(file: Path = _SHIPPED) -> BalancingCosts | None:
    """What was measured last and comes with the project; None where nothing was, or not by this version."""
    try:
        return BalancingCosts.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
