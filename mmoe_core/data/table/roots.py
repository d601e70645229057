"""Which paths a page may read: those under `MMOE_DATA_ROOTS`, and no others."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import DatasetError

__all__ = ["ROOTS_VARIABLE", "allowed_file", "allowed_folder", "allowed_path", "data_roots"]

ROOTS_VARIABLE = "MMOE_DATA_ROOTS"


def data_roots() -> tuple[Path, ...]:
    """The folders that whoever started the server has opened to its pages; none by default."""
    listed = os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep)
    return tuple(Path(text).resolve() for text in listed if text.strip())


def allowed_file(text: str) -> Path:
    """A file whose path was typed on a page, links followed, if it lies under one of the opened folders.

    Raises:
        DatasetError: no folder is open, this path is under none of them (whether it exists is not said then), or it is
            no file.
    """
    path = _allowed(text)
    if not path.is_file():
        raise DatasetError("There is no file '{path}'. Check its name.", path=text.strip()[:200])
    return path


def allowed_folder(text: str) -> Path:
    """A folder whose path was typed on a page, links followed; all that it holds lies under the opened folders too.

    Raises:
        DatasetError: as for a file, or a link in the folder leads elsewhere.
    """
    path = _allowed(text)
    if not path.is_dir():
        raise DatasetError("There is no folder '{path}'. Check its name.", path=text.strip()[:200])
    roots = data_roots()
    elsewhere = next((entry.name for entry in path.iterdir() if not _is_open(entry.resolve(), roots)), None)
    if elsewhere is not None:
        raise DatasetError(
            "'{entry}' in '{path}' is a link to a place that is not open to pages ({roots}). Move the file there.",
            entry=elsewhere,
            path=text.strip()[:200],
            roots=_listed(roots),
        )
    return path


def allowed_path(text: str) -> Path:
    """A file or a folder, with what holds of each.

    Raises:
        DatasetError: as for a file or a folder.
    """
    return allowed_folder(text) if _allowed(text).is_dir() else allowed_file(text)


def _allowed(text: str) -> Path:
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
    if path is None or not _is_open(path, roots):
        raise DatasetError(
            "'{path}' is not under a folder that is open to pages ({roots}). Move the file there, or upload it.",
            path=text.strip()[:200],
            roots=_listed(roots),
        )
    return path


def _is_open(path: Path, roots: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _listed(roots: tuple[Path, ...]) -> str:
    return ", ".join(str(root) for root in roots)
