"""What a check of a simulator says: a number as it should be, and as it came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Mark"]


@dataclass(frozen=True)
class Mark:
    """One line of the check. The sentence of the quantity is a template, the key of its translation."""

    quantity: str
    target: float
    got: float
    tolerance: float
    values: Mapping[str, str | int] = field(default_factory=dict)  # what stands in the quantity's places
    is_share: bool = False  # of rows, clicks, sessions or items, so between 0 and 1

    def __str__(self) -> str:
        return self.quantity.format(**self.values)

    @property
    def holds(self) -> bool:
        """Whether what was got is near enough."""
        return abs(self.got - self.target) <= self.tolerance
