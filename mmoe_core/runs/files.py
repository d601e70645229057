"""What is too big for a database, written so that a crash leaves the old file or the new one, never half of one.

    runs/ID/checkpoints/epoch-0003.safetensors + .json   weights, best weights, moments; counters
    runs/ID/checkpoints/step-20000.safetensors + .json   the same inside a long epoch; the last one only
    runs/ID/checkpoints/final.safetensors + .json        the last weights and the best ones, at the end
    runs/ID/gates/epoch-0003-level-0.npy                 gate weights of every probe row, (B, R, E)
    runs/ID/gates/best-level-0.npy                       of the best weights, at the end
    runs/ID/predictions.parquet                          test split: `score:TASK`, `label:TASK`, `observed:TASK`

A checkpoint is there when its JSON is: that is written last.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RunError
from .thinning import kept_checkpoints, kept_gates

if TYPE_CHECKING:
    from ..config import Schema
    from ..data import Split
    from ..training import TrainingState

__all__ = [
    "checkpoint_epochs",
    "copy_checkpoint",
    "copy_gates",
    "gate_epochs",
    "has_checkpoint",
    "prune",
    "prune_savepoints",
    "read_checkpoint",
    "read_counters",
    "read_gates",
    "read_predictions",
    "savepoint",
    "write_checkpoint",
    "write_gates",
    "write_predictions",
]

FINAL = "final"
BEST = "best"


def write_checkpoint(folder: Path, epoch: int | str, state: TrainingState) -> None:
    """Make a state durable under a run's folder: on the disk when this returns.

    Args:
        folder: The run's.
        epoch: Its number, or `final`.
        state: What `fit(resume_from=...)` takes.
    """
    from safetensors.torch import save_file

    stem = folder / "checkpoints" / _stem(epoch)
    stem.parent.mkdir(exist_ok=True)
    _replace(stem.with_suffix(".safetensors"), lambda path: save_file(state.tensors, path))
    text = json.dumps(state.counters, allow_nan=False)
    _replace(stem.with_suffix(".json"), lambda path: path.write_text(text, encoding="utf-8"))
    _sync(stem.parent)


def read_checkpoint(folder: Path, epoch: int | str) -> TrainingState:
    """The state after an epoch.

    Raises:
        RunError: it was not kept.
    """
    from safetensors.torch import load_file

    from ..training import TrainingState

    stem = folder / "checkpoints" / _stem(epoch)
    try:
        return TrainingState(tensors=load_file(stem.with_suffix(".safetensors")), counters=read_counters(folder, epoch))
    except FileNotFoundError:
        raise _no_checkpoint(folder, epoch) from None


def read_counters(folder: Path, epoch: int | str) -> dict[str, Any]:
    """The counters of a state alone; without torch.

    Raises:
        RunError: it was not kept.
    """
    try:
        counters: dict[str, Any] = json.loads(
            (folder / "checkpoints" / f"{_stem(epoch)}.json").read_text(encoding="utf-8")
        )
    except FileNotFoundError:
        raise _no_checkpoint(folder, epoch) from None
    return counters


def copy_checkpoint(
    folder: Path, into: Path, epoch: int | str, counters: Mapping[str, Any], *, left_out: Sequence[str] = ()
) -> None:
    """Let another run have a state, with counters of its own; durable when this returns, and without torch.

    Args:
        folder: The run's that has it.
        into: The other run's.
        epoch: What the state is called, there and here.
        counters: What the other run counts from.
        left_out: Groups of tensors that it shall not have, such as `balancer`.

    Raises:
        RunError: it was not kept.
    """
    from safetensors.numpy import load_file, save_file

    source, stem = folder / "checkpoints" / _stem(epoch), into / "checkpoints" / _stem(epoch)
    stem.parent.mkdir(exist_ok=True)
    tensors = source.with_suffix(".safetensors")
    try:
        if left_out:
            kept = {name: array for name, array in load_file(tensors).items() if name.split("/")[0] not in left_out}
            _replace(stem.with_suffix(".safetensors"), lambda path: save_file(kept, path))
        else:
            _replace(stem.with_suffix(".safetensors"), lambda path: _link(tensors, path))
    except FileNotFoundError:
        raise _no_checkpoint(folder, epoch) from None
    text = json.dumps(counters, allow_nan=False)
    _replace(stem.with_suffix(".json"), lambda path: path.write_text(text, encoding="utf-8"))
    _sync(stem.parent)


def copy_gates(folder: Path, into: Path, last: int) -> None:
    """Let another run have the gates of every probe row up to an epoch."""
    (into / "gates").mkdir(exist_ok=True)
    for epoch in gate_epochs(folder):
        if epoch <= last:
            for path in (folder / "gates").glob(f"{_stem(epoch)}-level-*.npy"):
                with contextlib.suppress(FileNotFoundError):  # a live run has just thinned them
                    _link(path, into / "gates" / path.name)


def has_checkpoint(folder: Path, epoch: int | str) -> bool:
    """Whether a state is there, whole."""
    return (folder / "checkpoints" / f"{_stem(epoch)}.json").exists()


def savepoint(step: int) -> str:
    """What a checkpoint inside an epoch is called, where an epoch's number could stand."""
    return f"step-{step}"


def checkpoint_epochs(folder: Path) -> list[int]:
    """Epochs that have a checkpoint, in order."""
    return _epochs(folder.glob("checkpoints/epoch-*.json"))


def write_gates(folder: Path, epoch: int | str, levels_BRE: Sequence[np.ndarray]) -> None:
    """Keep the gates of every probe row after an epoch, or of the `best` weights."""
    (folder / "gates").mkdir(exist_ok=True)
    for level, weights_BRE in enumerate(levels_BRE):

        def save(path: Path, weights_BRE: np.ndarray = weights_BRE) -> None:
            with path.open("wb") as file:
                np.save(file, weights_BRE, allow_pickle=False)

        _replace(folder / "gates" / f"{_stem(epoch)}-level-{level}.npy", save)


def read_gates(folder: Path, epoch: int | str) -> list[np.ndarray]:
    """Gate weights of every probe row, one array (B, R, E) per level.

    Raises:
        RunError: none were kept of that epoch.
    """
    paths = sorted((folder / "gates").glob(f"{_stem(epoch)}-level-*.npy"))
    if not paths:
        raise RunError(
            "Run {run_id} has kept no gates of epoch {epoch}. Epochs that have: {epochs}.",
            run_id=folder.name,
            epoch=str(epoch),
            epochs=", ".join(map(str, gate_epochs(folder))) or "none yet",
        )
    return [np.load(path, allow_pickle=False) for path in paths]


def gate_epochs(folder: Path) -> list[int]:
    """Epochs whose gates were kept, in order; 0 is the untrained network."""
    return _epochs(folder.glob("gates/epoch-*-level-0.npy"))


def write_predictions(folder: Path, schema: Schema, test: Split, scores_NT: np.ndarray) -> None:
    """Keep what the best weights say of every test row, beside what happened."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        f"{column}:{task}": values_NT[:, index]
        for column, values_NT in (("score", scores_NT), ("label", test.labels_NT), ("observed", test.observed_NT))
        for index, task in enumerate(schema.task_names)
    }
    table = pa.table({name: pa.array(np.ascontiguousarray(values)) for name, values in columns.items()})
    _replace(folder / "predictions.parquet", lambda path: pq.write_table(table, path))


def read_predictions(folder: Path, task: str) -> tuple[np.ndarray, np.ndarray]:
    """What happened on the test rows on which a task was observed, and what the best weights said: labels, scores.

    Raises:
        RunError: they were not kept.
    """
    import pyarrow.parquet as pq

    names = [f"{column}:{task}" for column in ("label", "score", "observed")]
    try:
        table = pq.ParquetFile(folder / "predictions.parquet").read(columns=names)
    except FileNotFoundError:
        raise RunError("Run {run_id} has kept no predictions of its test rows.", run_id=folder.name) from None
    labels_N, scores_N, observed_N = (table[name].to_numpy() for name in names)
    return labels_N[observed_N], scores_N[observed_N]


def prune(folder: Path, last: int, best: int) -> None:
    """Remove what the rules of `thinning` do not keep; also what a crash left beyond the last epoch."""
    for epoch in set(checkpoint_epochs(folder)) - kept_checkpoints(last, best):
        for suffix in (".json", ".safetensors"):  # the JSON first: without it there is no checkpoint
            (folder / "checkpoints" / _stem(epoch)).with_suffix(suffix).unlink(missing_ok=True)
    for epoch in set(gate_epochs(folder)) - kept_gates(last, best):
        for path in (folder / "gates").glob(f"{_stem(epoch)}-level-*.npy"):
            path.unlink()


def prune_savepoints(folder: Path, kept: int | str | None = None) -> None:
    """Remove the checkpoints inside epochs, but for one."""
    for path in folder.glob("checkpoints/step-*.json"):
        if path.stem != kept:
            for suffix in (".json", ".safetensors"):
                path.with_suffix(suffix).unlink(missing_ok=True)


def _no_checkpoint(folder: Path, epoch: int | str) -> RunError:
    return RunError("Run {run_id} has no checkpoint of epoch {epoch}.", run_id=folder.name, epoch=str(epoch))


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, since files here are replaced and never changed; else a copy."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a disk that knows no second names
        shutil.copyfile(source, target)


def _stem(epoch: int | str) -> str:
    return epoch if isinstance(epoch, str) else f"epoch-{epoch:04d}"


def _epochs(paths: Iterable[Path]) -> list[int]:
    return sorted(int(path.stem.split("-")[1]) for path in paths)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside, flush to the disk, rename over; whoever reads meets the old file or the new one."""
    part = path.with_name(f".{path.name}.part")
    write(part)
    _sync(part)
    part.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
