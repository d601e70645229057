"""The ground every config, schema and record stands on: frozen, strict, no unknown keys, no NaN or infinity."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

__all__ = ["MAX_WIDTH", "MEAN", "ColumnName", "DatasetName", "Frozen", "TaskName", "Widths"]

MEAN = "mean"  # the unweighted mean over tasks, where a task's name could stand


class Frozen(BaseModel):
    """An immutable value, checked at birth."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def _is_printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("has a character that cannot be printed")
    return name


def _as_tuple(value: object) -> object:
    """JSON writes widths as a list, a link and a terminal as `64,32`."""
    if isinstance(value, str):
        return tuple(value.split(","))
    return tuple(value) if isinstance(value, list) else value


ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_is_printable)]
TaskName = ColumnName
DatasetName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
MAX_WIDTH = 4096
Width = Annotated[int, Field(ge=1, le=MAX_WIDTH)]
Widths = Annotated[tuple[Width, ...], Field(min_length=1, max_length=8), BeforeValidator(_as_tuple)]
"""Output width of each layer of a small network, first to last."""
