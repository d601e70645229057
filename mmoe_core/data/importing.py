"""A stranger's files become a dataset in a process of their own, with limits on memory and time.

A small file can ask for gigabytes; whatever it does, it does to the child, and the caller gets a sentence.
The child is `import_program`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ..config import PROJECT, datasets_folder
from ..errors import DatasetError, LabError
from .dataset import Dataset, open_dataset

__all__ = ["MEMORY_BYTES", "REFUSED", "import_in_child"]

MEMORY_BYTES = 4 * 2**30  # address space; far more than a file of the upload limit needs
_SECONDS = 300
REFUSED = 2  # exit status of a refusal, whose JSON is the last line of standard error


def import_in_child(source: Path, name: str) -> Dataset:
    """Import a processed Ali-CCP table that somebody handed in.

    Args:
        source: A folder with the three files, or one file.
        name: Of the dataset.

    Raises:
        DatasetError: what is wrong with the files, or that they needed more memory or time than is allowed.
    """
    command = [sys.executable, "-m", f"{__package__}.import_program", str(source), name]
    try:
        child = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=_SECONDS, check=False, text=True)
    except subprocess.TimeoutExpired:
        raise DatasetError(
            "Importing '{name}' took more than {seconds} seconds and was ended. Nothing was imported. "
            "Import it in the terminal: `python -m mmoe_core train --data FOLDER`.",
            name=name,
            seconds=_SECONDS,
        ) from None
    if child.returncode == REFUSED:
        raise LabError.from_json(child.stderr.strip().splitlines()[-1])
    if child.returncode != 0:
        raise DatasetError(
            "Importing '{name}' needed more memory than the {gigabytes} GB that a file from outside may use, or is no "
            "table at all. Nothing was imported.",
            name=name,
            gigabytes=MEMORY_BYTES // 2**30,
        )
    return open_dataset(datasets_folder() / name)
