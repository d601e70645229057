"""What a study has finished so far, a line per training, so that a killed study goes on where it was.

A training is known by its whole config and the version of torch: another preset, another size or another torch is
another training. The file lies beside the study's later place, and is gone once that is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from ..config import Frozen, RunConfig
from ..errors import RunError
from ..runs.lock import take_lock
from .results import Trained

__all__ = ["Journal", "open_journal"]


class _Line(Frozen):
    torch: str
    config: RunConfig
    trained: Trained


class Journal:
    """Finished trainings, by config."""

    def __init__(self, path: Path, torch: str) -> None:
        self._path = path
        self._torch = torch
        self._done: dict[str, Trained] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in text.splitlines():
            self._read(line)
        if text and not text.endswith("\n"):
            self._append("\n")  # after a line that a kill has cut

    def __contains__(self, config: RunConfig) -> bool:
        return config.model_dump_json() in self._done

    def __getitem__(self, config: RunConfig) -> Trained:
        return self._done[config.model_dump_json()]

    def add(self, config: RunConfig, trained: Trained) -> None:
        """Keep a training, for good once this returns."""
        line = _Line(torch=self._torch, config=config, trained=trained)
        self._append(line.model_dump_json(exclude_defaults=False) + "\n")
        self._done[config.model_dump_json()] = trained

    def finish(self) -> None:
        """All is written elsewhere."""
        self._path.unlink()

    def _append(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, text: str) -> None:
        try:
            line = _Line.model_validate_json(text)
        except ValidationError:  # cut by a kill, or of another version: trained again
            return
        if line.torch == self._torch:
            self._done[line.config.model_dump_json()] = line.trained


@contextmanager
def open_journal(path: Path, torch: str) -> Iterator[Journal]:
    """The journal at a path, ours alone.

    Raises:
        RunError: another process runs this study.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = take_lock(path)
    if lock is None:
        raise RunError(
            "{file} is being written by another process. Wait for that study to end, or give another --out.",
            file=str(path),
        )
    with lock:
        yield Journal(path, torch)
