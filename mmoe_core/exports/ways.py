"""The ways out of a run by name: what each writes, and which libraries it needs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args
from zipfile import ZIP_DEFLATED, ZipFile

from ..errors import RunError
from ..runs import Store
from .bundle import write_bundle
from .ended import EndedRun, ended_run
from .members import REQUIRED
from .predictions import PREDICTIONS
from .script import script_of

__all__ = ["WAYS", "Way", "check_ready", "export", "file_name"]

Way = Literal["onnx", "script", "bundle", "predictions", "tensorboard", "mlflow"]
WAYS: tuple[Way, ...] = get_args(Way)

_endings: dict[Way, str] = {
    "onnx": ".onnx",
    "script": ".py",
    "bundle": ".bundle.zip",
    "predictions": ".predictions.parquet",
    "tensorboard": ".tensorboard.zip",
    "mlflow": ".mlflow.zip",
}
_CHECKPOINT = tuple(name for name in REQUIRED if name.startswith("checkpoints/"))
_files: dict[Way, tuple[str, ...]] = {
    "onnx": _CHECKPOINT,
    "bundle": (*_CHECKPOINT, PREDICTIONS),
    "predictions": (PREDICTIONS,),
}
_libraries: dict[Way, tuple[str, ...]] = {
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "tensorboard": ("tensorboard",),
    "mlflow": ("mlflow", "sqlalchemy", "alembic"),
}


def file_name(run_id: str, way: Way) -> str:
    """What a download is called."""
    return f"{run_id}{_endings[way]}"


def check_ready(run: EndedRun, way: Way) -> None:
    """Whether what a way out needs is there: its libraries, and the run's files.

    Raises:
        RunError: says what to install, or what is gone, or why the way is closed.
    """
    if way == "script" and run.row.parent_run_id is not None:
        raise RunError(
            "Run {run_id} is a branch of {parent}: a script would take all steps with the choices that this run made "
            "after step {step} only, and other numbers would come out. Take the run bundle instead.",
            run_id=run.row.run_id,
            parent=run.row.parent_run_id,
            step=run.row.parent_step or 0,
        )
    absent = [name for name in _libraries.get(way, ()) if find_spec(name) is None]
    if absent:
        raise RunError(
            "This way out needs {libraries}, which is not installed here. Install it with: pip install -r "
            "requirements-export.txt",
            libraries=", ".join(absent),
        )
    for name in _files.get(way, ()):
        run.file(name)


def export(store: Store, run_id: str, way: Way, out: Path) -> None:
    """Write a way out of a run that has ended.

    Args:
        store: Where the run is.
        run_id: Which one.
        way: Which way.
        out: The file to write, or for `tensorboard` and `mlflow` a folder or a `.zip` file; it must not be there yet.

    Raises:
        RunError: there is no such run, it has not ended, a library is not installed, or the place is taken.
    """
    run = ended_run(store, run_id)
    check_ready(run, way)
    if out.exists():
        raise RunError("{place} is there already. Choose another name, or remove it first.", place=str(out))
    _writers[way](run, store, out)


def _script(run: EndedRun, store: Store, out: Path) -> None:
    del store
    out.write_text(script_of(run), encoding="utf-8")


def _predictions(run: EndedRun, store: Store, out: Path) -> None:
    del store
    shutil.copyfile(run.file(PREDICTIONS), out)


def _onnx(run: EndedRun, store: Store, out: Path) -> None:
    from .onnx_file import write_onnx  # torch

    write_onnx(run, store, out)


def _tensorboard(run: EndedRun, store: Store, out: Path) -> None:
    from .tensorboard_events import write_tensorboard

    del store
    _write_folder(lambda folder: write_tensorboard(run, folder), out)


def _mlflow(run: EndedRun, store: Store, out: Path) -> None:
    from .mlflow_run import write_mlflow

    del store
    _write_folder(lambda folder: write_mlflow(run, folder), out)


def _write_folder(write: Callable[[Path], None], out: Path) -> None:
    """A folder, or the same as a zip file where that is asked for."""
    if out.suffix != ".zip":
        out.mkdir()
        write(out)
        return
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / out.stem
        folder.mkdir()
        write(folder)
        with ZipFile(out, "w", ZIP_DEFLATED) as packed:
            for file in sorted(folder.rglob("*")):
                packed.write(file, file.relative_to(scratch))


_writers: dict[Way, Callable[[EndedRun, Store, Path], None]] = {
    "onnx": _onnx,
    "script": _script,
    "bundle": write_bundle,
    "predictions": _predictions,
    "tensorboard": _tensorboard,
    "mlflow": _mlflow,
}
