"""How much memory a process has of its own, at most. Linux says it; elsewhere it stays unknown."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from types import TracebackType

__all__ = ["PeakMemory"]

_STATUS = Path("/proc/self/status")
_EVERY_S = 0.02  # short against what allocates, such as the copy of a checkpoint


class PeakMemory:
    """Looks again and again, in a thread, while its block runs: the kernel keeps a peak with mapped files only.

    Attributes:
        megabytes: The most that was seen; None where the system does not say it.
    """

    def __init__(self) -> None:
        self.megabytes: float | None = None
        self._is_over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while (now := _own_megabytes()) is not None:
            self.megabytes = max(now, self.megabytes or 0.0)
            if self._is_over.wait(_EVERY_S):
                return


def _own_megabytes() -> float | None:
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), None)
