"""What a study has finished so far, a line per training, so that a killed study goes on where it was.

A training is known by its whole config and the version of torch: another preset, another size or another torch is
another training. The file lies beside the study's later place, hidden, and is gone once that is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from ..config import Frozen, RunConfig
from ..errors import RunError
from ..runs.lock import take_lock
from .results import Made

__all__ = ["Journal", "Kept", "open_journal"]


Kept = TypeVar("Kept", bound=Frozen)  # what a study keeps of one training


class _Line(Frozen, Generic[Kept]):
    torch: str
    config: RunConfig
    trained: Kept


class Journal(Generic[Kept]):
    """Finished trainings, by config."""

    def __init__(self, path: Path, out: Path, torch: str, kind: type[Kept]) -> None:
        self._path = path
        self._out = out
        self._torch = torch
        self._line = _Line[kind]  # type: ignore[valid-type]
        self._done: dict[str, Kept] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in text.splitlines():
            self._read(line)
        if text and not text.endswith("\n"):
            self._append("\n")  # after a line that a kill has cut

    def __contains__(self, config: RunConfig) -> bool:
        return config.model_dump_json() in self._done

    def __getitem__(self, config: RunConfig) -> Kept:
        return self._done[config.model_dump_json()]

    def add(self, config: RunConfig, trained: Kept) -> None:
        """Keep a training, for good once this returns."""
        line = self._line(torch=self._torch, config=config, trained=trained)
        self._append(line.model_dump_json() + "\n")
        self._done[config.model_dump_json()] = trained

    def finish(self, study: Made) -> None:
        """Write the study, whole or not at all, and forget its trainings."""
        part = self._path.with_suffix(".part")
        part.write_text(study.model_dump_json(exclude_none=True) + "\n", encoding="utf-8")
        part.replace(self._out)
        self._path.unlink()

    def _append(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, text: str) -> None:
        try:
            line = self._line.model_validate_json(text)
        except ValidationError:  # cut by a kill, or of another version: trained again
            return
        if line.torch == self._torch:
            self._done[line.config.model_dump_json()] = line.trained


@contextmanager
def open_journal(out: Path, torch: str, kind: type[Kept]) -> Iterator[Journal[Kept]]:
    """The journal of the study that will be at `out`, ours alone.

    Args:
        out: Where the study will be.
        torch: Its version.
        kind: What is kept of a training.

    Raises:
        RunError: another process runs this study.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    path = out.with_name(f".{out.name}.trainings")
    lock = take_lock(path)
    if lock is None:
        raise RunError(
            "{file} is being written by another process. Wait for that study to end, or give another --out.",
            file=str(out),
        )
    with lock:
        yield Journal(path, out, torch, kind)
