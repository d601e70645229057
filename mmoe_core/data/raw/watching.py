"""How a conversion tells how far it is, and is told to end."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Cancelled", "Silent", "Watcher"]


class Cancelled(Exception):
    """The watcher asked to end; what was done is kept for the next start, and no dataset was made."""


class Watcher(Protocol):
    """Whoever looks on: a page, a terminal, nobody."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """A stage (English, the key of its translation) has done so much of its total: bytes, or rows."""

    def is_cancelled(self) -> bool:
        """Whether to end; asked after every block."""


class Silent:
    """Nobody looks on."""

    def progress(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def is_cancelled(self) -> bool:
        """Never."""
        return False
