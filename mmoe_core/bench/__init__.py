"""How fast the engine is, beside its peers and beside what the processor allows. A benchmark, never a test."""

from .report import Report, measure

__all__ = ["Report", "measure"]
