"""Who contributes: a gate weight beside what comes of it, since experts differ in the size of what they say.

Shape suffixes in this file:
    R readers   E experts
"""

from __future__ import annotations

from typing import Literal

from ....config import Frozen

__all__ = ["Contributions", "LevelContributions", "MeanContributions"]


class Contributions(Frozen):
    """What each expert adds to each mixture, mean over the probe rows."""

    kind: Literal["contributions"] = "contributions"


class LevelContributions(Frozen):
    """One level; a norm is Euclid's, of what an expert says of a row."""

    readers: tuple[str, ...]
    experts: tuple[str, ...]
    weights_RE: tuple[tuple[float, ...], ...]  # mean of g_i^k(x)
    norms_E: tuple[float, ...]  # mean of ‖E_i(x)‖
    contributions_RE: tuple[tuple[float, ...], ...]  # mean of g_i^k(x)·‖E_i(x)‖


class MeanContributions(Frozen):
    """The answer, the lowest level first."""

    levels: tuple[LevelContributions, ...]
