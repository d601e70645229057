"""The data doctor: what would make numbers from a dataset mislead, said before anybody trains on it."""

from .examination import inspect_dataset
from .findings import KINDS, SAMPLED, Finding, Kind, Severity

__all__ = ["KINDS", "SAMPLED", "Finding", "Kind", "Severity", "inspect_dataset"]
