"""The lens: questions that need the network itself.

What is handed on here is what one asks and is told, without torch. The answers are worked out by `answering` and the
topics beside it, in a process that has torch; `runs.lens` asks that process.
"""

from .asked import (
    Contributions,
    Difference,
    FieldSaid,
    LayerSaid,
    LevelContributions,
    LevelSaid,
    MeanContributions,
    Operate,
    Operated,
    RouteSaid,
    Routing,
    RoutingSaid,
    RowRouting,
    RowRoutingSaid,
    RowTrace,
    TaskOperated,
    TaskRoutes,
    TaskSaid,
    Trace,
)
from .questions import Answer, Question, answer_from_json, question_from_json

__all__ = [
    "Answer",
    "Contributions",
    "Difference",
    "FieldSaid",
    "LayerSaid",
    "LevelContributions",
    "LevelSaid",
    "MeanContributions",
    "Operate",
    "Operated",
    "Question",
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
    "answer_from_json",
    "question_from_json",
]
