"""How a conversion tells how far it is, and is told to end."""

from __future__ import annotations

from typing import Protocol

from .layout import Part

__all__ = ["IMPRESSIONS", "SESSIONS", "STAGES", "WRITING", "Cancelled", "Silent", "Watcher"]

IMPRESSIONS: dict[Part, str] = {"train": "Reading train's impressions", "test": "Reading test's impressions"}
SESSIONS: dict[Part, str] = {"train": "Reading train's common features", "test": "Reading test's common features"}
WRITING = "Writing the dataset"
STAGES = (IMPRESSIONS["train"], SESSIONS["train"], IMPRESSIONS["test"], SESSIONS["test"], WRITING)


class Cancelled(Exception):
    """The watcher asked to end; what was done is kept for the next start, and no dataset was made."""


class Watcher(Protocol):
    """Whoever looks on: a page, a terminal, nobody."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """One of `STAGES` (English, the key of its translation) has done so much of its total: bytes, or rows."""

    def is_cancelled(self) -> bool:
        """Whether to end; asked after every block."""


class Silent:
    """Nobody looks on."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def is_cancelled(self) -> bool:
        """Never."""
        return False
