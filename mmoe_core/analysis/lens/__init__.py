"""The lens: questions that need the network itself.

What is handed on here is what one asks and is told, without torch. The answers are worked out by `answering` and the
topics beside it, in a process that has torch; `runs.lens` asks that process.
"""

from .asked import (
    Contributions,
    Difference,
    Experts,
    ExpertsCompared,
    FieldSaid,
    LayerSaid,
    LevelContributions,
    LevelExperts,
    LevelSaid,
    MeanContributions,
    Operate,
    Operated,
    RowTrace,
    TaskOperated,
    TaskSaid,
    Trace,
)
from .questions import Answer, Question, answer_from_json, question_from_json

__all__ = [
    "Answer",
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
    "Question",
    "RowTrace",
    "TaskOperated",
    "TaskSaid",
    "Trace",
    "answer_from_json",
    "question_from_json",
]
