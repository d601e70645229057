"""What experts are like: how much any two say the same, and how many of their units never say anything.

Shape suffixes in this file:
    E experts   L layers of an expert
"""

from __future__ import annotations

from typing import Literal

from ....config import Frozen

__all__ = ["Experts", "ExpertsCompared", "LevelExperts"]


class Experts(Frozen):
    """Compare what all experts say of the probe rows."""

    kind: Literal["experts"] = "experts"


class LevelExperts(Frozen):
    """One level.

    Attributes:
        similarity_EE: Linear CKA of their outputs after the ReLU; None where one of the two says the same of every row.
        dead_LE: Share of a layer's units that are 0 on every probe row; the last layer is the output.
    """

    experts: tuple[str, ...]
    similarity_EE: tuple[tuple[float | None, ...], ...]
    dead_LE: tuple[tuple[float, ...], ...]


class ExpertsCompared(Frozen):
    """The answer, the lowest level first."""

    levels: tuple[LevelExperts, ...]
