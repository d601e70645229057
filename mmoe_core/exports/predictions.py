"""The predictions of a run's best weights on the test split, and what each column says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..config import Schema
from ..errors import RunError
from .ended import EndedRun

__all__ = ["PredictionColumn", "prediction_columns", "predictions_file"]


@dataclass(frozen=True)
class PredictionColumn:
    """One column of the Parquet file; its rows are those of the test split, in the dataset's order.

    Attributes:
        name: `score:TASK`, `label:TASK` or `observed:TASK`.
        dtype: As Parquet has it.
        meaning: English sentence, the key of its translation.
        task: Whose.
    """

    name: str
    dtype: str
    meaning: str
    task: str


PROBABILITY = "probability that the best weights give to it"
VALUE = "value that the best weights expect"
LABEL = "what happened"
OBSERVED = "whether that could be known; metrics count these rows only"


def prediction_columns(schema: Schema) -> tuple[PredictionColumn, ...]:
    """What the file of a run on this schema holds, in its order."""
    scores = [
        PredictionColumn(f"score:{task.name}", "float", PROBABILITY if task.kind == "binary" else VALUE, task.name)
        for task in schema.tasks
    ]
    labels = [PredictionColumn(f"label:{task}", "float", LABEL, task) for task in schema.task_names]
    observed = [PredictionColumn(f"observed:{task}", "bool", OBSERVED, task) for task in schema.task_names]
    return (*scores, *labels, *observed)


def predictions_file(run: EndedRun) -> Path:
    """Where the Parquet file lies.

    Raises:
        RunError: it is gone.
    """
    file = run.folder / "predictions.parquet"
    if not file.is_file():
        raise RunError("The predictions of run {run_id} are not in its folder any more.", run_id=run.row.run_id)
    return file
