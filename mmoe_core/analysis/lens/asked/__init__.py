"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .examine import Examination, Examine, ExpertPair, ExpertsSaid, GateSaid, ReluLayer
from .operate import Difference, Operate, Operated, TaskOperated
from .routing import RouteSaid, Routing, RoutingSaid, TaskRoutes
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "Difference",
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
    "Operate",
    "Operated",
    "ReluLayer",
    "RouteSaid",
    "Routing",
    "RoutingSaid",
    "RowTrace",
    "TaskOperated",
    "TaskRoutes",
    "TaskSaid",
    "Trace",
]
