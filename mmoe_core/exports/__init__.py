"""Ways out: what a person takes away from a run that has ended, and a bundle's way back in. No torch at import."""

from .bundle import write_bundle
from .child import export_in_child, open_in_child
from .ended import EndedRun, ended_run
from .opening import open_bundle
from .predictions import PREDICTIONS, PredictionColumn, prediction_columns
from .script import script_of
from .ways import WAYS, Way, check_ready, export, file_name

__all__ = [
    "PREDICTIONS",
    "WAYS",
    "EndedRun",
    "PredictionColumn",
    "Way",
    "check_ready",
    "ended_run",
    "export",
    "export_in_child",
    "file_name",
    "open_bundle",
    "open_in_child",
    "prediction_columns",
    "script_of",
    "write_bundle",
]
