"""What the loop yields: records as they are, and three events that carry more than a record.

Shape suffixes in this file:
    B probe rows   R readers   E experts   N rows of the test split   T tasks
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..records import (
    ChangeRecord,
    EndRecord,
    EpochRecord,
    EvaluationRecord,
    GateSnapshot,
    GradientSnapshot,
    SavepointRecord,
    StepRecord,
)
from .state import TrainingState

__all__ = ["Checkpoint", "Event", "Finished", "Savepoint"]

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Checkpoint:
    """An epoch's end: the record, to be said only after the state is safe on disk.

    Attributes:
        record: Full validation.
        state: What `fit(resume_from=...)` takes.
        probe_gates_BRE: Gates on every probe row, one array per level.
    """

    record: EpochRecord
    state: TrainingState
    probe_gates_BRE: tuple[Floats, ...]


@dataclass(frozen=True)
class Savepoint:
    """The middle of a long epoch: the record, to be said only after the state is safe on disk.

    Attributes:
        record: Where.
        state: What `fit(resume_from=...)` takes.
    """

    record: SavepointRecord
    state: TrainingState


@dataclass(frozen=True)
class Finished:
    """The end.

    Attributes:
        record: Test metrics and gates of the best weights.
        scores_NT: Best weights on the test split: probabilities of binary tasks, values of regression tasks.
        state: The last weights (`model/`) and the best ones (`best/`).
        probe_gates_BRE: Gates of the best weights on every probe row, one array per level.
    """

    record: EndRecord
    scores_NT: Floats
    state: TrainingState
    probe_gates_BRE: tuple[Floats, ...]


Event = (
    StepRecord | EvaluationRecord | GateSnapshot | GradientSnapshot | ChangeRecord | Savepoint | Checkpoint | Finished
)
