"""One turn of somebody who is timed: a process of its own."""

from __future__ import annotations

import subprocess
import sys

from ..config import PROJECT
from ..errors import LabError
from .figures import Figures

__all__ = ["run"]


def run(name: str, rows: int, threads: int) -> Figures:
    """Time `name` (`program` lists who there is) and read its last line.

    Raises:
        LabError: the process failed; says its last line.
    """
    command = [sys.executable, "-m", f"{__package__}.program", name, "--rows", str(rows), "--threads", str(threads)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise LabError(
            "{name} could not be timed: {reason}", name=name, reason=(ended.stderr.strip().splitlines() or ["?"])[-1]
        )
    return Figures.model_validate_json(ended.stdout.splitlines()[-1])
