"""The dials of a simulated world that a person does not turn: its sizes, its rates, and who is moved by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PROFILES", "Mechanism", "Profile", "Segment"]

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
    wave: float = 0.5  # f(U) = U + wave sin 2U: no straight line fits it


PROFILES = {
    "classroom": Profile(
        segments=(
            Segment("browsers", click=("bait", "position"), purchase=("affinity", "price_match")),
            Segment("bargain hunters", click=("price_match", "bait"), purchase=("history", "position")),
            Segment("regulars", click=("affinity", "history"), purchase=("price_match", "bait")),
        ),
    ),
}
