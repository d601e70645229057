"""What the columns of a dataset are: enough, with a `ModelConfig`, to rebuild a network.

Every id field owns a block of one shared id space; within a block 0 is padding, 1 is missing, 2 is rare
(unseen in train or too seldom there), and what was learnt from train starts at 3.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Literal

from pydantic import Field, model_validator

from .base import ColumnName, Frozen, TaskName

__all__ = [
    "FIRST_KNOWN",
    "MISSING",
    "PADDING",
    "RARE",
    "IdField",
    "LabelSpace",
    "Schema",
    "TaskSpec",
    "ValueField",
]

PADDING, MISSING, RARE, FIRST_KNOWN = 0, 1, 2, 3
LabelSpace = Literal["ctr", "ctcvr", "cvr", "rows"]


class IdField(Frozen):
    """A column of identities; one embedding row per id."""

    name: ColumnName
    vocabulary_size: int = Field(ge=FIRST_KNOWN, le=2**31 - 1)  # the three reserved ids included
    meaning: str = ""
    num_tokens: int = Field(1, ge=1, le=512)  # ids per row, pooled by weight; a row with fewer is padded
    per_session: bool = False  # stored once per session, which many rows share


class ValueField(Frozen):
    """A column of numbers, already scaled."""

    name: ColumnName
    meaning: str = ""


class TaskSpec(Frozen):
    """One behaviour to predict.

    `label_space` says over which rows the label means what it says: a purchase over all impressions is CTCVR,
    over clicks it is CVR; they are never one column.
    """

    name: TaskName
    kind: Literal["binary", "regression"] = "binary"
    observed_if: Literal["click"] | None = None
    label_space: LabelSpace = "rows"


class Schema(Frozen):
    """Fields in the order of the arrays' columns, and the tasks in the order of the labels' columns."""

    id_fields: tuple[IdField, ...]
    value_fields: tuple[ValueField, ...] = ()
    tasks: tuple[TaskSpec, ...] = Field(min_length=1)
    user_field: ColumnName | None = None
    is_simulated: bool = False  # then true probabilities and the mechanism of each row are known

    @model_validator(mode="after")
    def _names_are_unique(self) -> Schema:
        names = [*self.field_names, *self.task_names]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column '{twice[0]}' has two roles")
        if not self.id_fields and not self.value_fields:
            raise ValueError("no field to predict from")
        return self

    @property
    def task_names(self) -> tuple[str, ...]:
        """Names of the tasks, in label order."""
        return tuple(task.name for task in self.tasks)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields, ids first."""
        return (*(field.name for field in self.id_fields), *(field.name for field in self.value_fields))

    @property
    def offsets(self) -> tuple[int, ...]:
        """First row of each id field in the shared embedding table."""
        return (0, *accumulate(field.vocabulary_size for field in self.id_fields))[:-1]

    @property
    def id_columns(self) -> tuple[slice, ...]:
        """Where each id field stands among the columns of all fields' tokens."""
        ends = tuple(accumulate(field.num_tokens for field in self.id_fields))
        return tuple(slice(start, end) for start, end in zip((0, *ends), ends, strict=False))

    @property
    def num_id_columns(self) -> int:
        """Ids per row, over all fields."""
        return sum(field.num_tokens for field in self.id_fields)

    @property
    def has_one_id_per_field(self) -> bool:
        """Whether a row is one id per field and nothing is shared by session."""
        return all(field.num_tokens == 1 and not field.per_session for field in self.id_fields)

    @property
    def num_ids(self) -> int:
        """Rows of the shared embedding table."""
        return sum(field.vocabulary_size for field in self.id_fields)
