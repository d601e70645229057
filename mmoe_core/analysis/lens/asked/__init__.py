"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .examine import Examination, Examine, ExpertPair, ExpertsSaid, GateSaid, ReluLayer
from .experts import Experts, ExpertsCompared, LevelExperts
from .operate import Difference, Operate, Operated, TaskOperated
from .routing import RouteSaid, Routing, RoutingSaid, RowRouting, RowRoutingSaid, TaskRoutes
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "Difference",
    "Examination",
    "Examine",
    "ExpertPair",
    "Experts",
    "ExpertsCompared",
    "ExpertsSaid",
    "FieldSaid",
    "GateSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelExperts",
    "LevelSaid",
    "MeanContributions",
    "Operate",
    "Operated",
    "ReluLayer",
    "RouteSaid",
    "Routing",
    "RoutingSaid",
    "RowRouting",
    "RowRoutingSaid",
    "RowTrace",
    "TaskOperated",
    "TaskRoutes",
    "TaskSaid",
    "Trace",
]
