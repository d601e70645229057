"""Every shape a simulated log can be written in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ...config import SimulatedAliCcp
from ...errors import DatasetError
from ..parts import Part
from .csv_files import write_csv_files
from .fields import write_classroom
from .raw_files import write_raw_files
from .tokens import log_table
from .true_dataset import write_true_rates
from .true_rates import simulate_true_rates

__all__ = ["LogFormat", "write_files", "write_log"]

LogFormat = Literal["parquet", "csv", "raw"]


def write_log(config: SimulatedAliCcp, folder: Path) -> None:
    """Simulate a log and write it as a dataset."""
    if config.profile == "classroom":
        write_classroom(config, folder)
    else:
        write_true_rates(config, folder)


def write_files(config: SimulatedAliCcp, folder: Path, log_format: Literal["csv", "raw"]) -> None:
    """Simulate a log and write it as text: the tutorials' three tables, or the four raw files.

    Raises:
        DatasetError: the profile has no such form, or the folder is there.
    """
    if config.profile == "classroom":
        raise DatasetError(
            "The classroom profile has no histories, so there is nothing to write as {format}. "
            "Choose the profile true-rates, or the format parquet.",
            format=log_format,
        )
    if folder.exists():
        raise DatasetError("{folder} is already there. Choose a folder that is not, or delete it.", folder=str(folder))
    table = log_table(simulate_true_rates(config), config.seed)
    part = Part(folder)
    try:
        (write_csv_files if log_format == "csv" else write_raw_files)(table, part.path)
        part.path.rename(folder)
    finally:
        part.release()
