"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .operate import Difference, Operate, Operated, TaskOperated
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Difference",
    "FieldSaid",
    "LayerSaid",
    "LevelSaid",
    "Operate",
    "Operated",
    "RowTrace",
    "TaskOperated",
    "TaskSaid",
    "Trace",
]
