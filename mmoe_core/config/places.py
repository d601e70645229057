"""Where things live: what is shipped beside the code, and what this installation makes under `MMOE_HOME`."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["PROJECT", "SHIPPED", "baselines_folder", "datasets_folder", "home", "runs_folder", "uploads_folder"]

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "data"


def home() -> Path:
    """The folder that holds runs and datasets: `MMOE_HOME`, else the project's own."""
    return Path(os.environ.get("MMOE_HOME") or PROJECT).resolve()


def baselines_folder() -> Path:
    """What linear models and boosted trees say of datasets' test rows, one folder each."""
    return home() / "baselines"


def datasets_folder() -> Path:
    """Prepared datasets, one folder each."""
    return home() / "datasets"


def runs_folder() -> Path:
    """The store and each run's files."""
    return home() / "runs"


def uploads_folder() -> Path:
    """Files that came through a page, until they are imported."""
    return home() / "uploads"
