"""Why people act in each segment of a simulated log: what only the simulator knows.

At raised and at true rates a task's utility has reasons; a reason's share is that of the utility's variance. Of the
purchase it is the utility after a click. In the feed all groups share the loadings; what differs is how much a trait
moves a group, 1 for the average.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from ..config import DataConfig, SimulatedAliCcp, SimulatedFeed
from .feed.people import GROUPS
from .simulator.profiles import PROFILES, TRUE_RATES, Segment

__all__ = ["APPETITE", "TrueReasons", "true_reasons"]

APPETITE = "appetite"  # stands where a task would: what moves a group of the feed, whatever the task
IDS, FATIGUE = "ids", "fatigue"  # reasons that no mechanism has: told by user and item alone; sessions that are long

Reasons = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class TrueReasons:
    """What moves the rows of each segment.

    Attributes:
        unit: A share of the utility's variance, or times the average appetite.
        by_segment: Segment → task → reason → how much; reasons that are absent weigh 0.
    """

    unit: Literal["share", "times"]
    by_segment: Mapping[str, Reasons]

    @property
    def most(self) -> float:
        """How much a reason can be, about: one of a pair has a half."""
        return 0.5 if self.unit == "share" else 2.0


def true_reasons(data: DataConfig) -> TrueReasons | None:
    """Of a simulated log; None where rows are real, or where segments have no reasons of their own."""
    if isinstance(data, SimulatedAliCcp):
        if data.profile == "classroom":
            return _shares(PROFILES["classroom"].segments, data.rho, hidden=0, fatigue=0)
        return _shares(TRUE_RATES.segments, data.rho, hidden=data.hidden, fatigue=TRUE_RATES.fatigue**2)
    if isinstance(data, SimulatedFeed):
        traits = [field.name for field in fields(GROUPS[0]) if field.name not in ("name", "share")]
        return TrueReasons(
            "times", {group.name: {APPETITE: {trait: getattr(group, trait) for trait in traits}} for group in GROUPS}
        )
    return None


def _shares(segments: Iterable[Segment], rho: float, *, hidden: float, fatigue: float) -> TrueReasons:
    """Two reasons of a pair weigh the same; of the purchase, rho² is the click's."""

    def drive(pair: tuple[str, str], tired: float) -> dict[str, float]:
        rest = 1 - tired
        parts = {**dict.fromkeys(pair, rest * (1 - hidden) / 2), IDS: rest * hidden, FATIGUE: tired}
        return {reason: share for reason, share in parts.items() if share}

    by_segment = {}
    for segment in segments:
        click, own = drive(segment.click, fatigue), drive(segment.purchase, 0)
        purchase = {
            reason: rho**2 * click.get(reason, 0) + (1 - rho**2) * own.get(reason, 0)
            for reason in dict.fromkeys((*own, *click))
        }
        by_segment[segment.name] = {"click": click, "purchase": {r: s for r, s in purchase.items() if s}}
    return TrueReasons("share", by_segment)
