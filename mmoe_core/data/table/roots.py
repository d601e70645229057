"""Which paths a page may read: those under `MMOE_DATA_ROOTS`, and no others."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import DatasetError

__all__ = ["ROOTS_VARIABLE", "allowed_path", "data_roots"]

ROOTS_VARIABLE = "MMOE_DATA_ROOTS"


def data_roots() -> tuple[Path, ...]:
    """The folders that whoever started the server has opened to its pages; none by default."""
    listed = os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep)
    return tuple(Path(text).resolve() for text in listed if text.strip())


def allowed_path(text: str) -> Path:
    """A path that was typed on a page, links followed, if it lies under one of the opened folders.

    Raises:
        DatasetError: no folder is open, or this path is under none of them; whether it exists is not said then.
    """
    roots = data_roots()
    if not roots:
        raise DatasetError(
            "A page may not read files of this machine. Whoever starts the server can open folders to it with "
            "{variable}; or upload the file.",
            variable=ROOTS_VARIABLE,
        )
    try:
        path = Path(text.strip()).expanduser().resolve()
    except (OSError, ValueError, RuntimeError):  # a null character, a loop of links, a user that is not there
        path = None
    if path is None or not any(path.is_relative_to(root) for root in roots):
        raise DatasetError(
            "'{path}' is not under a folder that is open to pages ({roots}). Move the file there, or upload it.",
            path=text.strip()[:200],
            roots=", ".join(str(root) for root in roots),
        )
    if not path.is_file():
        raise DatasetError("There is no file '{path}'. Check its name.", path=text.strip()[:200])
    return path
