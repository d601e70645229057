"""Comparisons over seeds, each printed by one command, kept as one file, and read by a page.

What was found is read without torch: a name is imported from its module when somebody asks for it (PEP 562), and only
those that train need torch.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "Architectures",
    "Claim",
    "Contrast",
    "Mechanisms",
    "Race",
    "SeedDifference",
    "auc_differences",
    "auc_table",
    "differences",
    "information",
    "judge",
    "judge_recovery",
    "losses",
    "mean_losses",
    "paired_difference",
    "read_architectures",
    "read_mechanisms",
    "read_race",
    "run_architectures",
    "run_mechanisms",
    "run_race",
    "study_file",
    "study_files",
]

_room_of = {
    "Architectures": "results",
    "Claim": "claims",
    "Contrast": "claims",
    "Mechanisms": "results",
    "SeedDifference": "paired",
    "Race": "results",
    "auc_differences": "frames",
    "auc_table": "frames",
    "differences": "frames",
    "information": "recovery",
    "judge": "claims",
    "judge_recovery": "recovery",
    "losses": "frames",
    "mean_losses": "frames",
    "paired_difference": "paired",
    "read_architectures": "results",
    "read_mechanisms": "results",
    "read_race": "results",
    "run_architectures": "architectures",
    "run_mechanisms": "mechanisms",
    "run_race": "race",
    "study_file": "results",
    "study_files": "results",
}


def __getattr__(name: str) -> Any:
    if name not in _room_of:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_room_of[name]}", __name__), name)
