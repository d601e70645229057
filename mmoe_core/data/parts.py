"""Unfinished folders: held by the process that fills them, swept by anybody once that process is gone.

A folder that is being filled is called `.NAME.xxxxxxxx.part` and lies beside its later place. Its maker holds a kernel
lock on it for as long as it lives, so a folder whose lock is free was left by a process that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
from pathlib import Path

__all__ = ["Part", "sweep_parts"]

_PART = re.compile(r"^\..+\.[0-9a-f]{8}\.part$")


class Part:
    """A folder beside its later place, ours until `release` or the end of this process.

    Args:
        folder: The later place; its parent is made when absent.

    Attributes:
        path: Where to write now.
    """

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep_parts(folder.parent)
        while True:
            self.path = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.part"
            self.path.mkdir()
            try:
                self._descriptor = os.open(self.path, os.O_RDONLY)
            except FileNotFoundError:  # swept between its making and its opening
                continue
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if self.path.is_dir():  # else swept between its opening and its locking
                return
            os.close(self._descriptor)

    def release(self) -> None:
        """Remove the folder where it still is, and let go of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def sweep_parts(folder: Path) -> int:
    """Remove what killed processes left in a folder.

    Returns:
        How many unfinished folders were removed.
    """
    count = 0
    for path in folder.glob(".*.part"):
        if not _PART.match(path.name):
            continue
        with contextlib.suppress(OSError):  # held by a living process, or swept by another at this moment
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
                count += 1
            finally:
                os.close(descriptor)
    return count
