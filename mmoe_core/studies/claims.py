"""The five claims of the MMoE paper about its synthetic tasks, each as a test that was written before the race was run.

Ma et al., KDD 2018, sections 3.3 and 5. A loss is the mean over the two tasks of the squared error on the test split,
labels standardised. A claim is made of contrasts: differences that it says are above 0, or that it says are small. The
intervals of a claim miss none of its differences in 95 of 100 races (Bonferroni: each has level 1 - .05 / how many they
are), so that a claim of many parts is not refuted by one unlucky part.

    above 0   holds if the interval is above 0, does not hold if it is below
    small     holds if the interval is within the margin, does not hold if it is outside it; the margin is a tenth of
              MMoE's loss
    the claim holds if all its contrasts hold, does not hold if one of them does not; else not distinguishable

Shape suffixes in this file:
    N seeds   R resamples
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .paired import SeedDifference, bootstrapped, paired_difference

__all__ = ["Claim", "Contrast", "Verdict", "judge", "level_of"]

Verdict = Literal["holds", "does not hold", "not distinguishable"]

_MISTAKE = 0.05  # chance that any interval of a claim misses
_MARGIN = 0.1  # of MMoE's loss: what counts as comparable
_LOWEST = 0.2  # share of the seeds whose losses are the lowest ones: a single minimum is one lucky draw


@dataclass(frozen=True)
class Contrast:
    """One difference of a claim. Its sentence is a template, the key of its translation.

    Attributes:
        template: What is subtracted from what.
        values: What stands in its places; `kind` is an architecture.
        difference: With intervals; their level is the claim's.
        margin: If set, the claim is that the difference is smaller than this; else that it is above 0.
    """

    template: str
    difference: SeedDifference
    values: Mapping[str, str | float] = field(default_factory=dict)
    margin: float | None = None

    @property
    def verdict(self) -> Verdict:
        """By the interval alone."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None:
            return "not distinguishable"
        if self.margin is None:
            return "holds" if low > 0 else "does not hold" if high < 0 else "not distinguishable"
        if -self.margin < low and high < self.margin:
            return "holds"
        return "does not hold" if low > self.margin or high < -self.margin else "not distinguishable"


@dataclass(frozen=True)
class Claim:
    """What the paper says, and what the race says of it.

    Attributes:
        template: The claim, the key of its translation.
        contrasts: Its parts.
        level: Of their intervals.
    """

    template: str
    contrasts: tuple[Contrast, ...]
    level: float

    @property
    def verdict(self) -> Verdict:
        """Of all parts together."""
        verdicts = [contrast.verdict for contrast in self.contrasts]
        if all(verdict == "holds" for verdict in verdicts):
            return "holds"
        return "does not hold" if "does not hold" in verdicts else "not distinguishable"


def judge(losses: pd.DataFrame) -> tuple[Claim, ...]:
    """The paper's five claims, tested.

    Args:
        losses: One row per seed; columns (architecture, correlation), without gaps.
    """
    correlations = sorted({float(p) for p in losses.columns.get_level_values(1)})
    return (
        _better_when_related(losses, correlations),
        _smaller_gap(losses, correlations),
        _equal_when_identical(losses, correlations[-1]),
        _better_than_shared_bottom(losses),
        _lowest_comparable(losses, correlations),
    )


def _better_when_related(losses: pd.DataFrame, correlations: Sequence[float]) -> Claim:
    kinds = list(dict.fromkeys(losses.columns.get_level_values(0)))
    steps = list(pairwise(correlations))
    level = level_of(len(kinds) * len(steps))
    return Claim(
        "Every architecture does better where the tasks are more related.",
        tuple(
            Contrast(
                "{kind}: loss at p = {low} − loss at p = {high}",
                paired_difference(losses[kind, low] - losses[kind, high], level=level),
                {"kind": kind, "low": low, "high": high},
            )
            for kind in kinds
            for low, high in steps
        ),
        level,
    )


def _smaller_gap(losses: pd.DataFrame, correlations: Sequence[float]) -> Claim:
    low, high = correlations[0], correlations[-1]
    level = level_of(2)
    gaps = {kind: losses[kind, low] - losses[kind, high] for kind in ("shared_bottom", "one_gate", "mmoe")}
    return Claim(
        "Unrelated tasks cost MMoE less than the others.",
        tuple(
            Contrast(
                "what p = {low} costs against p = {high}: {kind} − MMoE",
                paired_difference(gaps[kind] - gaps["mmoe"], level=level),
                {"kind": kind, "low": low, "high": high},
            )
            for kind in ("shared_bottom", "one_gate")
        ),
        level,
    )


def _equal_when_identical(losses: pd.DataFrame, highest: float) -> Claim:
    level = level_of(1)
    return Claim(
        "Where the tasks have the same weights, one gate does as well as one per task.",
        (
            Contrast(
                "p = {high}: {kind} − MMoE, to be within the margin",
                paired_difference(losses["one_gate", highest] - losses["mmoe", highest], level=level),
                {"kind": "one_gate", "high": highest},
                margin=_MARGIN * float(losses["mmoe", highest].mean()),
            ),
        ),
        level,
    )


def _better_than_shared_bottom(losses: pd.DataFrame) -> Claim:
    level = level_of(2)
    means = {kind: _mean_over_correlations(losses, kind) for kind in ("shared_bottom", "one_gate", "mmoe")}
    return Claim(
        "Both mixtures beat Shared-Bottom on average.",
        tuple(
            Contrast(
                "mean over p: Shared-Bottom − {kind}",
                paired_difference(means["shared_bottom"] - means[kind], level=level),
                {"kind": kind},
            )
            for kind in ("one_gate", "mmoe")
        ),
        level,
    )


def _mean_over_correlations(losses: pd.DataFrame, kind: str) -> pd.Series:
    of_kind: pd.DataFrame = losses[kind]  # type: ignore[assignment]  # one level of the columns: the other stays
    return of_kind.mean(axis="columns")


def _lowest_comparable(losses: pd.DataFrame, correlations: Sequence[float]) -> Claim:
    level = level_of(2 * len(correlations))
    return Claim(
        "The lowest losses are comparable: what differs is how easily an architecture is trained.",
        tuple(
            Contrast(
                "lowest fifth at p = {high}: {kind} − MMoE, to be within the margin",
                _difference_of_lowest(losses[kind, p].to_numpy(), losses["mmoe", p].to_numpy(), level),
                {"kind": kind, "high": p},
                margin=_MARGIN * float(_lowest(losses["mmoe", p].to_numpy()[None])[0]),
            )
            for kind in ("shared_bottom", "one_gate")
            for p in correlations
        ),
        level,
    )


def _difference_of_lowest(
    losses_N: NDArray[np.float64], of_mmoe_N: NDArray[np.float64], level: float
) -> SeedDifference:
    """Each side's lowest losses may be of other seeds, so there is no t interval: the resampled one stands in."""
    both_N2 = np.stack([losses_N, of_mmoe_N], axis=1)
    mean = float(_lowest(losses_N[None])[0] - _lowest(of_mmoe_N[None])[0])
    if len(both_N2) < 2:
        return SeedDifference(len(both_N2), mean, None, None, None, None)
    low, high = bootstrapped(both_N2, lambda at_RN2: _lowest(at_RN2[..., 0]) - _lowest(at_RN2[..., 1]), level)
    return SeedDifference(len(both_N2), mean, low, high, None, None)


def _lowest(losses_RN: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each row's lowest losses."""
    count = max(1, round(_LOWEST * losses_RN.shape[1]))
    mean_R: NDArray[np.float64] = np.sort(losses_RN, axis=1)[:, :count].mean(axis=1)
    return mean_R


def level_of(num_contrasts: int) -> float:
    """Of the intervals of a claim that is made of so many contrasts."""
    return 1 - _MISTAKE / num_contrasts
