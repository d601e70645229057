"""One turn of somebody who is timed: a process of its own, or several that train together."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ..config import PROJECT
from ..errors import LabError
from .figures import Figures

__all__ = ["run", "run_together"]


def run(name: str, rows: int, threads: int, *settings: str) -> Figures:
    """Time `name` (`program` lists who there is) and read its last line.

    Raises:
        LabError: the process failed; says its last line.
    """
    return _figures(name, _started(name, rows, threads, *settings))


def run_together(processes: int, rows: int, *settings: str) -> Figures:
    """Time the engine in several processes, of which the first one says what all have done.

    Raises:
        LabError: it failed; says its last line.
    """
    with tempfile.TemporaryDirectory() as folder:
        meet = ("--of", str(processes), "--meet", str(Path(folder) / "meeting"))
        ranks = [_started("engine", rows, 1, "--rank", str(rank), *meet, *settings) for rank in range(processes)]
        try:
            return _figures("engine", ranks[0])
        finally:
            for other in ranks[1:]:
                other.communicate()


def _started(name: str, rows: int, threads: int, *settings: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"{__package__}.program", name, "--rows", str(rows), "--threads", str(threads)]
    return subprocess.Popen(
        [*command, *settings], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _figures(name: str, process: subprocess.Popen[str]) -> Figures:
    out, err = process.communicate()
    if process.returncode:
        raise LabError("{name} could not be timed: {reason}", name=name, reason=(err.strip().splitlines() or ["?"])[-1])
    return Figures.model_validate_json(out.splitlines()[-1])
