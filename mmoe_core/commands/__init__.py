"""The terminal's face: one verb per thing that can be done. No torch, but in the process of a run."""

from .entry import main

__all__ = ["main"]
