"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .experts import Experts, ExpertsCompared, LevelExperts
from .operate import Difference, Operate, Operated, TaskOperated
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "Difference",
    "Experts",
    "ExpertsCompared",
    "FieldSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelExperts",
    "LevelSaid",
    "MeanContributions",
    "Operate",
    "Operated",
    "RowTrace",
    "TaskOperated",
    "TaskSaid",
    "Trace",
]
