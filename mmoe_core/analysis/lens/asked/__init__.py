"""What can be asked of a network and what the answers are made of, one file per topic; no torch."""

from .routing import RouteSaid, Routing, RoutingSaid, TaskRoutes
from .trace import FieldSaid, LayerSaid, LevelSaid, RowTrace, TaskSaid, Trace

__all__ = [
    "FieldSaid",
    "LayerSaid",
    "LevelSaid",
    "RouteSaid",
    "Routing",
    "RoutingSaid",
    "RowTrace",
    "TaskRoutes",
    "TaskSaid",
    "Trace",
]
