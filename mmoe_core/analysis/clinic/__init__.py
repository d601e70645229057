"""The clinic: what is wrong with a run, by its evidence, in order of cause; and what may help. No torch."""

from .checks import check_frame
from .detectors import diagnose
from .evidence import Evidence, TaskPull, task_evidence
from .findings import FAULTS, Diagnosis, Fault, Finding
from .remedies import REMEDIES, Remedy, remedies

__all__ = [
    "FAULTS",
    "REMEDIES",
    "Diagnosis",
    "Evidence",
    "Fault",
    "Finding",
    "Remedy",
    "TaskPull",
    "check_frame",
    "diagnose",
    "remedies",
    "task_evidence",
]
