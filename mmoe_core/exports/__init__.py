"""Ways out: what a person takes away from a run that has ended, and a bundle's way back in. No torch at import."""

from .ended import EndedRun, ended_run
from .predictions import PredictionColumn, prediction_columns, predictions_file
from .script import script_of

__all__ = [
    "EndedRun",
    "PredictionColumn",
    "ended_run",
    "prediction_columns",
    "predictions_file",
    "script_of",
]
