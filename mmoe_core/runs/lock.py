"""Who is alive: a kernel lock that a run's process holds from birth to death.

A process can die without a word, so a status in a file may lie; the kernel drops a dead process's lock at once.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

__all__ = ["Lock", "adopt_lock", "is_held", "take_lock"]

_RETRY_S = 0.005
_held: set[int] = set()


def _close_in_child() -> None:
    """A forked child shares the lock and would keep it after its parent's death."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)


class Lock:
    """An open descriptor that holds an exclusive lock; closing it, or dying, lets go."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        _held.add(descriptor)

    def release(self) -> None:
        """Let go. Where a child process was given the descriptor, the lock stays with the child."""
        if self.descriptor in _held:
            _held.discard(self.descriptor)
            os.close(self.descriptor)

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def take_lock(path: Path, *, wait_s: float = 0.0) -> Lock | None:
    """The lock on a file, made if it is not there; None if somebody has it, or if its folder is gone.

    Args:
        path: The lock file.
        wait_s: How long to try again; a reader's question (`is_held`) is in the way for microseconds.
    """
    deadline = time.monotonic() + wait_s
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            return None
        if _try(descriptor) and _is_still(path, descriptor):
            return Lock(descriptor)
        os.close(descriptor)
        if time.monotonic() >= deadline:
            return None
        time.sleep(_RETRY_S)


def adopt_lock(descriptor: int, path: Path) -> Lock | None:
    """The lock that a parent process took on `path` and handed down; None if that descriptor is not it."""
    try:
        if not _is_still(path, descriptor) or not _try(descriptor):
            return None
    except OSError:
        return None
    os.set_inheritable(descriptor, False)
    return Lock(descriptor)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the name still means the opened file; it may have been deleted since."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
