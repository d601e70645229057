"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "FieldSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelSaid",
    "MeanContributions",
    "RowTrace",
    "TaskSaid",
    "Trace",
]
