"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .examine import Examination, Examine, ExpertPair, ExpertsSaid, GateSaid, ReluLayer
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "Examination",
    "Examine",
    "ExpertPair",
    "ExpertsSaid",
    "FieldSaid",
    "GateSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelSaid",
    "MeanContributions",
    "ReluLayer",
    "RowTrace",
    "TaskSaid",
    "Trace",
]
