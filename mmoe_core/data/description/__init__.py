"""A dataset at a glance: plain numbers about its labels, fields and sessions, without its rows."""

from .describing import Description, describe
from .fields import FieldSummary, Histogram
from .groups import RowsPer
from .labels import LabelCorrelation, LabelSummary

__all__ = [
    "Description",
    "FieldSummary",
    "Histogram",
    "LabelCorrelation",
    "LabelSummary",
    "RowsPer",
    "describe",
]
