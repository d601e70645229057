"""Work that goes on while nobody looks: a board of jobs, each a thread that only listens to a child process.

The board belongs to the server, not to a visitor, so that a refresh or a second tab finds the same jobs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, Literal, TypeVar

from ..errors import DatasetError, LabError
from .importing import IsCancelled
from .progress import OnProgress, Progress

__all__ = ["BackgroundJob", "Board", "JobState"]

JobState = Literal["running", "finished", "failed", "cancelled"]
Result = TypeVar("Result")
_MOST_KEPT = 50  # ended jobs, whose results can still be asked for
_LEAST_SHARE, _LEAST_SECONDS = 0.02, 2.0  # below, a guess of the time left would jump about


class BackgroundJob(Generic[Result]):
    """One piece of work; it has begun.

    Attributes:
        key: What it is called on its board.
        state: Ended are all but "running".
        progress: The last that was heard; None at first.
        result: What the work came to; None until it is finished.
        error: Why there is no result, once it has failed or was cancelled.
    """

    def __init__(self, key: str, work: Callable[[OnProgress, IsCancelled], Result]) -> None:
        self.key = key
        self.state: JobState = "running"
        self.progress: Progress | None = None
        self.result: Result | None = None
        self.error: LabError | None = None
        self._step_began = (monotonic(), 0.0)  # when, and the share that was first heard then
        self._is_unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the job to end; it does within a second."""
        self._is_unwanted.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end."""
        self._thread.join(seconds)

    def seconds_left(self) -> float | None:
        """How long this step will still take at the pace it has had so far; None while that is too early to say."""
        began, first = self._step_began
        progress, elapsed = self.progress, monotonic() - began
        if progress is None or elapsed < _LEAST_SECONDS or progress.share - first < _LEAST_SHARE:
            return None
        return elapsed * (1 - progress.share) / (progress.share - first)

    def _hear(self, progress: Progress) -> None:
        if self.progress is None or self.progress.step != progress.step:
            self._step_began = (monotonic(), progress.share)
        self.progress = progress

    def _run(self, work: Callable[[OnProgress, IsCancelled], Result]) -> None:
        state: JobState = "failed"
        try:
            self.result = work(self._hear, self._is_unwanted.is_set)
            state = "finished"
        except LabError as error:
            self.error = error
            state = "cancelled" if self._is_unwanted.is_set() else "failed"
        finally:
            if state == "failed" and self.error is None:
                self.error = DatasetError(
                    "The work on '{name}' ended unexpectedly; the server's log says why. Try again.", name=self.key
                )
            self.state = state


class Board(Generic[Result]):
    """The jobs of one kind; any thread may ask."""

    def __init__(self) -> None:
        self._jobs: dict[str, BackgroundJob[Result]] = {}
        self._lock = threading.Lock()

    def start(self, key: str, work: Callable[[OnProgress, IsCancelled], Result]) -> BackgroundJob[Result]:
        """Begin a job; an ended one of this key gives way.

        Args:
            key: What the job makes.
            work: Called in a thread with whom to tell progress and whom to ask whether to end; raises LabError.

        Raises:
            DatasetError: a job of this key is running.
        """
        with self._lock:
            self._check_free(key)
            self._jobs.pop(key, None)
            ended = [old for old, job in self._jobs.items() if job.state != "running"]
            for old in ended[: max(0, len(ended) - _MOST_KEPT + 1)]:
                del self._jobs[old]
            self._jobs[key] = BackgroundJob(key, work)
            return self._jobs[key]

    def check_free(self, key: str) -> None:
        """Whether a job of this key could begin now.

        Raises:
            DatasetError: one is running.
        """
        with self._lock:
            self._check_free(key)

    def jobs(self) -> list[BackgroundJob[Result]]:
        """All jobs, the newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def find(self, key: str | None) -> BackgroundJob[Result] | None:
        """The job of this key."""
        with self._lock:
            return None if key is None else self._jobs.get(key)

    def dismiss(self, key: str) -> None:
        """Forget an ended job."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and job.state != "running":
                del self._jobs[key]

    def _check_free(self, key: str) -> None:
        if key in self._jobs and self._jobs[key].state == "running":
            raise DatasetError(
                "'{name}' is being made at this moment. Wait for its end, or choose another name.", name=key
            )
