"""Ways out: what a person takes away from a run that has ended, and a bundle's way back in. No torch at import."""

from .bundle import write_bundle
from .child import export_in_child, open_in_child
from .ended import EndedRun, ended_run
from .opening import open_bundle
from .predictions import PredictionColumn, prediction_columns, predictions_file
from .script import script_of
from .ways import WAYS, Way, check_libraries, export, file_name

__all__ = [
    "WAYS",
    "EndedRun",
    "PredictionColumn",
    "Way",
    "check_libraries",
    "ended_run",
    "export",
    "export_in_child",
    "file_name",
    "open_bundle",
    "open_in_child",
    "prediction_columns",
    "predictions_file",
    "script_of",
    "write_bundle",
]
