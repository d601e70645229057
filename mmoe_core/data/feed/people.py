"""The four ways in which people use the feed; each is a group of users, visible in a field."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GROUPS", "Group"]


@dataclass(frozen=True)
class Group:
    """A kind of user. 1 is the average appetite; the weighted mean over the groups is about 1.

    Attributes:
        name: What the field says.
        share: Of all users.
        bait: How readily bait works on them.
        controversy: How much a quarrel makes them comment.
        social: How much they pass on.
        usefulness: How much they keep for later.
        charisma: How much they follow a person rather than a subject.
    """

    name: str
    share: float
    bait: float = 1.0
    controversy: float = 1.0
    social: float = 1.0
    usefulness: float = 1.0
    charisma: float = 1.0


GROUPS = (
    Group("passers-by", 0.4, bait=1.3, controversy=0.7, social=0.8, usefulness=0.6, charisma=0.8),
    Group("debaters", 0.2, controversy=1.9, social=0.9, usefulness=0.8),
    Group("collectors", 0.2, bait=0.6, controversy=0.7, social=0.7, usefulness=2.0, charisma=0.9),
    Group("fans", 0.2, bait=0.8, social=1.8, usefulness=1.0, charisma=1.5),
)
