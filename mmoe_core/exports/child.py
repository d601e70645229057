"""Long or risky work in a process of its own: no torch in the caller, and limits on what a stranger's file may ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..config import PROJECT, home
from ..errors import LabError, RunError
from .ways import Way

__all__ = ["MEMORY_BYTES", "export_in_child", "open_in_child"]

MEMORY_BYTES = 4 * 2**30  # address space of a process that opens a bundle; far more than it needs
_EXPORT_SECONDS, _OPEN_SECONDS = 1800, 600


def export_in_child(run_id: str, way: Way, out: Path) -> None:
    """Write a way out of a run, as `python -m mmoe_core export` does.

    Raises:
        RunError: why it cannot be written, in a sentence.
    """
    _said(["mmoe_core", "export", run_id, "--to", way, str(out.absolute()), "--json"], run_id, _EXPORT_SECONDS)


def open_in_child(bundle: Path, called: str = "") -> str:
    """Bring a bundle in as a run, with a limit on memory and time.

    Args:
        bundle: The zip file.
        called: What its owner calls it; default: its name.

    Returns:
        The run's id.

    Raises:
        RunError: why it cannot be opened, in a sentence.
    """
    called = called or bundle.name
    return _said([f"{__package__}.program", str(bundle.absolute()), called], called, _OPEN_SECONDS)


def _said(command: Sequence[str], about: str, seconds: int) -> str:
    """What the child answers: the run's id."""
    environment = {**os.environ, "MMOE_HOME": str(home())}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise RunError(
            "The work on {name} took more than {seconds:,} seconds and was ended.", name=about, seconds=seconds
        ) from None
    lines = ended.stdout.decode("utf-8", "replace").strip().splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, ValueError):
        said = None
    match said:
        case {"run_id": str(run_id)} if ended.returncode == 0:
            return run_id
        case {"template": str()}:
            raise LabError.from_json(lines[-1])
    sys.stderr.buffer.write(ended.stderr[-10_000:])
    raise RunError(
        "The work on {name} ended without a word: it may have needed more memory than it may use. The server's log "
        "says more.",
        name=about,
    )
