"""What a person chose for each column becomes a mapping, or a sentence that says what is still to be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field

from ...config import Frozen
from ...errors import DatasetError
from .guessing import Guess
from .mapping import LabelColumn, SplitRule, TableMapping, ValueColumn
from .report import ColumnReport, TableReport

__all__ = ["ROLES", "ColumnRole", "TableChoices", "choices_of", "offered_roles"]

ColumnRole = Literal["binary", "regression", "id", "value", "log", "ignored"]
ROLES: tuple[ColumnRole, ...] = get_args(ColumnRole)
_LABELS: tuple[ColumnRole, ...] = ("binary", "regression")
_NUMBERS = ("yes or no", "whole number", "number")


class TableChoices(Frozen):
    """Everything that is chosen beside the roles."""

    user: str | None = None
    time: str | None = None
    split: SplitRule = "random"
    min_frequency: int = Field(1, ge=1, le=1_000_000)
    drop_bad_rows: bool = False


def offered_roles(report: TableReport, guess: Guess) -> dict[str, ColumnRole]:
    """The guessed role of each column, in the words of a choice."""
    kinds = {column.name: column.kind for column in report.columns}
    return {
        found.column: found.role
        if found.role != "label"
        else ("binary" if kinds[found.column] == "yes or no" else "regression")
        for found in guess.columns
    }


def choices_of(
    report: TableReport,
    roles: Mapping[str, ColumnRole],
    conditions: Mapping[str, str],
    rest: TableChoices,
) -> TableMapping:
    """The mapping of a table.

    Args:
        report: Of `look`.
        roles: Column → role; columns without one are not read.
        conditions: Label → the label that must be 1 for it to mean something.
        rest: The other choices.

    Raises:
        DatasetError: the first thing that is missing or cannot be; nothing has been read for it.
    """
    of_role = {
        role: tuple(column.name for column in report.columns if roles.get(column.name) == role) for role in ROLES
    }
    labels = [name for role in _LABELS for name in of_role[role]]
    if not labels:
        raise DatasetError("No column is a label yet: say of one at least that it is what shall be predicted.")
    if not (of_role["id"] or of_role["value"] or of_role["log"]):
        raise DatasetError("No column is an id or a value yet: there is nothing to predict from.")
    for column in report.columns:
        _check_role(column, roles.get(column.name), rest, is_conditional=column.name in conditions)
    _check_split(report, labels, rest)
    for label, condition in conditions.items():
        if label in labels and (condition == label or condition not in of_role["binary"]):
            raise DatasetError(
                "'{label}' shall count only where '{condition}' is 1, but '{condition}' is no other yes-or-no label.",
                label=label,
                condition=condition,
            )
    return TableMapping(
        ids=of_role["id"],
        values=tuple(
            ValueColumn(name=column.name, is_log=roles[column.name] == "log")
            for column in report.columns
            if roles.get(column.name) in ("value", "log")
        ),
        labels=tuple(
            LabelColumn(
                name=column.name,
                kind="binary" if roles[column.name] == "binary" else "regression",
                observed_if=conditions.get(column.name),
            )
            for column in report.columns
            if column.name in labels
        ),
        ignored=tuple(name for name in of_role["ignored"] if _is_a_name(name)),
        delimiter=report.delimiter,
        **rest.model_dump(),
    )


def _is_a_name(name: str) -> bool:
    return 0 < len(name) <= 64


def _check_role(column: ColumnReport, role: ColumnRole | None, rest: TableChoices, *, is_conditional: bool) -> None:
    """Refuse a role for which the rows that were looked at leave no hope."""
    if role is None or role == "ignored":
        return
    if column.problem is not None or column.kind == "lists":
        raise DatasetError(
            "'{column}' cannot be used as it is: see its problem in the table, or ignore it.", column=column.name[:64]
        )
    if column.kind == "empty":
        raise DatasetError("'{column}' is empty: ignore it.", column=column.name)
    if role == "id" or rest.drop_bad_rows:
        return
    if role == "binary" and column.kind != "yes or no" and not is_conditional:
        raise DatasetError(
            "'{column}' does not hold 0 and 1 only, so it is no yes-or-no label. Predict it as a number, say when it "
            "is observed, or drop bad rows.",
            column=column.name,
        )
    if role in _LABELS and column.missing and not is_conditional:
        raise DatasetError(
            "'{column}' is empty in {count:,} of the rows looked at. A label must be known: say when it is "
            "observed, or drop bad rows.",
            column=column.name,
            count=column.missing,
        )
    if role != "binary" and column.kind not in _NUMBERS and not is_conditional:
        raise DatasetError(
            "'{column}' does not hold numbers only. Use it as ids, ignore it, or drop bad rows.",
            column=column.name,
        )
    if role == "log" and column.low is not None and column.low < 0:
        raise DatasetError(
            "'{column}' goes down to {low:g}, which has no logarithm. Use it as a plain value.",
            column=column.name,
            low=column.low,
        )


def _check_split(report: TableReport, labels: list[str], rest: TableChoices) -> None:
    kinds = {column.name: column.kind for column in report.columns}
    for name in (rest.user, rest.time):
        if name in labels:
            raise DatasetError(
                "'{column}' is a label, so it cannot be the user key or the time as well.", column=name or ""
            )
        if name is not None and (name not in kinds or not _is_a_name(name)):
            raise DatasetError("There is no column '{column}' that could be used.", column=name[:64])
    if rest.split == "key" and rest.user is None:
        raise DatasetError("Splitting by user needs the column that names the user.")
    if rest.split == "time" and rest.time is None:
        raise DatasetError("Splitting by time needs the column that says when.")
    if rest.split == "time" and rest.time is not None and kinds[rest.time] not in ("moment", *_NUMBERS):
        raise DatasetError(
            "'{column}' holds neither numbers nor dates, so it cannot say when. Choose another column, or another "
            "split.",
            column=rest.time,
        )
