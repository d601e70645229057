"""What the columns of somebody's own table are: chosen by that person, never by us."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from ...config import ColumnName, Frozen, LabelSpace
from ...errors import DatasetError

__all__ = ["DELIMITERS", "Delimiter", "LabelColumn", "SplitRule", "TableMapping", "ValueColumn", "mapping_from_json"]

Delimiter = Literal[",", ";", "\t", "|"]
DELIMITERS: dict[Delimiter, str] = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SplitRule = Literal["key", "time", "random"]
_CLICK = "click"
Share = Annotated[float, Field(gt=0, lt=1)]


class ValueColumn(Frozen):
    """A column of numbers; scaled by train's mean and deviation, after ln(1 + v) where its tail is heavy."""

    name: ColumnName
    is_log: bool = False


class LabelColumn(Frozen):
    """A behaviour to predict; with `observed_if`, it means something only on rows where that label is 1."""

    name: ColumnName
    kind: Literal["binary", "regression"] = "binary"
    observed_if: ColumnName | None = None


class TableMapping(Frozen):
    """Roles of the columns, how rows are split, and what happens to rows that cannot be read.

    Columns that are named nowhere are not read. A user's key may be an id field as well; if it is not, it only splits.
    """

    ids: tuple[ColumnName, ...] = ()
    values: tuple[ValueColumn, ...] = ()
    labels: tuple[LabelColumn, ...] = Field(min_length=1)
    ignored: tuple[ColumnName, ...] = ()
    user: ColumnName | None = None
    time: ColumnName | None = None
    split: SplitRule = "random"  # key: no user in two splits; time: train before validation before test
    shares: tuple[Share, Share, Share] = (0.8, 0.1, 0.1)  # train, validation, test
    seed: int = Field(2022, ge=0, le=2**32 - 1)
    min_frequency: int = Field(1, ge=1, le=1_000_000)  # an id seen more seldom in train is "rare"
    drop_bad_rows: bool = False
    delimiter: Delimiter = ","

    @model_validator(mode="after")
    def _is_consistent(self) -> TableMapping:
        if not self.ids and not self.values:
            raise ValueError("no id and no value to predict from")
        _refuse_twice([*self.field_names, *self.label_names, *self.ignored])
        if self.user in self.label_names or self.time in self.label_names:
            raise ValueError("a label cannot be the user key or the time as well")
        if self.split == "key" and self.user is None:
            raise ValueError("splitting by key needs a user key")
        if self.split == "time" and self.time is None:
            raise ValueError("splitting by time needs a time column")
        if abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError("the shares of train, validation and test must add up to 1")
        binary = {label.name for label in self.labels if label.kind == "binary"}
        for label in self.labels:
            if label.observed_if is not None and (label.observed_if == label.name or label.observed_if not in binary):
                raise ValueError(f"'{label.name}' is observed if '{label.observed_if}', which is no other binary label")
        return self

    @property
    def field_names(self) -> tuple[str, ...]:
        """Columns to predict from, ids first."""
        return (*self.ids, *(value.name for value in self.values))

    @property
    def label_names(self) -> tuple[str, ...]:
        """Columns to predict."""
        return tuple(label.name for label in self.labels)

    @property
    def label_spaces(self) -> dict[str, LabelSpace]:
        """Over which rows each label means what it says, by the field's words: a click, a purchase, a condition."""
        click = next((label for label in self.labels if label == LabelColumn(name=_CLICK)), None)
        return {label.name: _space(label, click) for label in self.labels}

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that is read, once."""
        extra = [self.user] if self.user is not None else []
        if self.split == "time" and self.time is not None:
            extra.append(self.time)
        return tuple(dict.fromkeys([*self.field_names, *self.label_names, *extra]))


def _space(label: LabelColumn, click: LabelColumn | None) -> LabelSpace:
    match label:
        case LabelColumn(kind="regression"):
            return "rows"
        case _ if label == click:
            return "ctr"
        case LabelColumn(observed_if="click"):
            return "cvr"
        case LabelColumn(name="purchase", observed_if=None) if click is not None:
            return "ctcvr"
        case _:
            return "rows"


def mapping_from_json(text: str | bytes) -> TableMapping:
    """A mapping that came from outside.

    Raises:
        DatasetError: says which role or column cannot be.
    """
    try:
        return TableMapping.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
        place = ".".join(str(part) for part in first["loc"])
        found = "" if isinstance(first["input"], dict) else repr(first["input"])[:60]
        raise DatasetError(
            "The columns cannot be used like that: {place} {found}: {reason}. Names have 1 to 64 printable characters; "
            "every column has one role. Nothing was imported.",
            place=place or "mapping",
            found=found,
            reason=reason,
        ) from None


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the column '{twice[0]}' has two roles")
