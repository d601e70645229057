"""The predictions of a run's best weights on the test split, and what each column says."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import Schema

__all__ = ["MEANINGS", "PREDICTIONS", "PredictionColumn", "prediction_columns"]

PREDICTIONS = "predictions.parquet"  # in a run's folder


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


MEANINGS = (
    "probability that the best weights give to it",
    "value that the best weights expect",
    "what happened",
    "whether that could be known; metrics count these rows only",
)
_PROBABILITY, _VALUE, _LABEL, _OBSERVED = MEANINGS


def prediction_columns(schema: Schema) -> tuple[PredictionColumn, ...]:
    """What the file of a run on this schema holds, in its order."""
    scores = [
        PredictionColumn(f"score:{task.name}", "float", _PROBABILITY if task.kind == "binary" else _VALUE, task.name)
        for task in schema.tasks
    ]
    labels = [PredictionColumn(f"label:{task}", "float", _LABEL, task) for task in schema.task_names]
    observed = [PredictionColumn(f"observed:{task}", "bool", _OBSERVED, task) for task in schema.task_names]
    return (*scores, *labels, *observed)
