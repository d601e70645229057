"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .contributions import Contributions, LevelContributions, MeanContributions
from .operate import Difference, Operate, Operated, TaskOperated
from .routing import RouteSaid, Routing, RoutingSaid, RowRouting, RowRoutingSaid, TaskRoutes
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "Contributions",
    "Difference",
    "FieldSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelSaid",
    "MeanContributions",
    "Operate",
    "Operated",
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
