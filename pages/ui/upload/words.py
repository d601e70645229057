"""Every English text that the upload component says: the keys of its translations."""

from __future__ import annotations

__all__ = ["STRINGS"]

STRINGS: tuple[str, ...] = (
    "Cancel",
    "Choose a file",
    "Choose files",
    "or drop it here · at most {size}",
    "or drop them here · at most {size} each",
    "Remove",
    "The connection broke off. Try again.",
    "This file has {size}; at most {limit} may be uploaded now. Whoever starts the server can open its folder.",
    "uploaded",
    "waiting",
    "{count} files are enough: the others were not taken.",
    "{share} of {size}",
)
