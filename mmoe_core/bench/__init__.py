"""How fast the engine is, beside its peers and beside what the processor allows. A benchmark, never a test."""

from .growth import Growth, measure_growth
from .report import Report, measure

__all__ = ["Growth", "Report", "measure", "measure_growth"]
