"""Rows of numbers on disk: one plain file per array, appended block by block, read back in pieces or mapped.

The work folder stands beside the dataset-to-be. A stage that is complete leaves a marker with what it counted, so that
a conversion that was killed starts again after its last complete stage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

__all__ = ["Spill", "SpillWriter", "read_marker", "write_marker"]

_Shapes = Mapping[str, tuple[Any, int]]  # array -> dtype, columns


class SpillWriter:
    """Appends rows to the files of a spill."""

    def __init__(self, folder: Path, name: str, shapes: _Shapes) -> None:
        self._shapes = shapes
        self._files: dict[str, BinaryIO] = {array: (folder / f"{name}.{array}").open("wb") for array in shapes}

    def __enter__(self) -> SpillWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def append(self, **arrays: np.ndarray) -> None:
        """Add rows to every array."""
        for array, rows in arrays.items():
            self._files[array].write(np.ascontiguousarray(rows, self._shapes[array][0]).data)


class Spill:
    """The rows of a complete spill."""

    def __init__(self, folder: Path, name: str, shapes: _Shapes) -> None:
        self._paths = {array: folder / f"{name}.{array}" for array in shapes}
        self._shapes = shapes

    def blocks(self, num_rows: int) -> Iterator[dict[str, np.ndarray]]:
        """All rows in order, at most `num_rows` at a time."""
        files = {array: path.open("rb") for array, path in self._paths.items()}
        try:
            while True:
                block = {}
                for array, (dtype, columns) in self._shapes.items():
                    block[array] = np.fromfile(files[array], dtype, num_rows * columns).reshape(-1, columns)
                if not len(next(iter(block.values()))):
                    return
                yield block
        finally:
            for file in files.values():
                file.close()

    def mapped(self, array: str) -> np.ndarray:
        """All rows of one array, read from disk as they are touched."""
        dtype, columns = self._shapes[array]
        if self._paths[array].stat().st_size == 0:
            return np.empty((0, columns), dtype)
        return np.memmap(self._paths[array], dtype, "r").reshape(-1, columns)


def write_marker(folder: Path, stage: str, counted: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Say that a stage is complete, and keep what it counted."""
    with (folder / f"{stage}.npz").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    part = folder / f"{stage}.json.part"
    part.write_text(json.dumps(dict(counted)), encoding="utf-8")
    part.rename(folder / f"{stage}.json")


def read_marker(folder: Path, stage: str) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """What a complete stage counted; None when it is not complete."""
    path = folder / f"{stage}.json"
    if not path.is_file():
        return None
    with np.load(folder / f"{stage}.npz") as arrays:
        return json.loads(path.read_text(encoding="utf-8")), dict(arrays)
