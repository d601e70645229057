"""All questions, asked in turn."""

from __future__ import annotations

from typing import get_args

from ..dataset import Dataset
from ..manifest import SPLITS
from .copies import find_copies
from .fields import find_in_fields, find_in_users
from .findings import Finding, Severity
from .labels import find_in_labels
from .leaks import find_leaks, find_sorting
from .sample import draw_sample

__all__ = ["inspect_dataset"]

_order: tuple[Severity, ...] = get_args(Severity)


def inspect_dataset(dataset: Dataset) -> list[Finding]:
    """Everything that is worth knowing before training, the worst first.

    Labels are counted on all rows; what needs whole rows looks at a fixed sample of large splits, and says so. What
    train shall not tell (leaks, sorting) is looked for in train.
    """
    samples = {split: draw_sample(dataset, split) for split in SPLITS}
    found = [
        *find_in_users(samples),
        *find_leaks(samples["train"]),
        *find_copies(samples),
        *find_in_labels(dataset),
        *find_sorting(samples["train"]),
        *find_in_fields(samples),
    ]
    return sorted(found, key=lambda finding: _order.index(finding.severity))
