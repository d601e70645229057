"""The dials of a simulated world that a person does not turn: its sizes, its rates, and who is moved by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PROFILES", "TRUE_RATES", "Mechanism", "Profile", "Segment", "TrueRates"]

Mechanism = Literal["affinity", "price_match", "bait", "history", "position"]


@dataclass(frozen=True)
class Segment:
    """A group of users, visible in field 122, with its own reasons to click and to purchase."""

    name: str
    click: tuple[Mechanism, Mechanism]
    purchase: tuple[Mechanism, Mechanism]


@dataclass(frozen=True)
class Profile:
    """One world."""

    segments: tuple[Segment, ...]
    num_users: int = 3_000
    num_items: int = 4_000
    num_categories: int = 40
    num_positions: int = 10
    num_bands: int = 10  # of budget, price and bait, each cut at its quantiles
    ctr: float = 0.12  # clicks / impressions
    cvr: float = 0.06  # purchases / clicks
    steepness: float = 2.5  # k in sigma(b + k f(U))


PROFILES = {
    "classroom": Profile(
        segments=(
            Segment("browsers", click=("bait", "position"), purchase=("affinity", "price_match")),
            Segment("bargain hunters", click=("price_match", "bait"), purchase=("history", "position")),
            Segment("regulars", click=("affinity", "history"), purchase=("price_match", "bait")),
        ),
    ),
}


@dataclass(frozen=True)
class TrueRates:
    """The profile with the real log's rates; its marginals are those of `published`.

    Steepness is set so that the best score of clicks has an AUC of .665, and the dial `hidden` so that gradient
    boosting on what a row says openly comes to .61, as on the real log.
    """

    click_oracle: float = 0.665
    click_steepness: float = 0.535
    purchase_steepness: float = 0.5
    fatigue: float = 0.28  # how much of the click's utility is that long sessions tire
    segments: tuple[Segment, ...] = (
        Segment("browsers", click=("history", "position"), purchase=("affinity", "price_match")),
        Segment("bargain hunters", click=("price_match", "position"), purchase=("history", "affinity")),
        Segment("regulars", click=("affinity", "history"), purchase=("price_match", "history")),
    )


TRUE_RATES = TrueRates()
