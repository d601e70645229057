"""How fast the engine is, beside its peers and beside what the processor allows. A benchmark, never a test."""

from .growth import Growth, measure_growth
from .report import Report, measure
from .scaling import Scaling, measure_scaling

__all__ = ["Growth", "Report", "Scaling", "measure", "measure_growth", "measure_scaling"]
