"""What the columns of a table may be: a first offer for the person who knows, with a reason for each guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from ...config import Frozen
from ..manifest import DataWarning
from .mapping import LabelColumn, SplitRule, TableMapping, ValueColumn
from .report import ColumnReport, TableReport

__all__ = ["REASONS", "ColumnGuess", "Guess", "Role", "guess"]

Role = Literal["label", "id", "value", "ignored"]

_BEHAVIOURS = re.compile(
    r"(^|_)(is|has|did)_|click|purchase|^buy|bought|order(ed)?$|like|fav|share|follow|comment|convert|conversion|label|"
    r"target|install|view(ed)?$|finish|subscri|churn|income|^y[0-9]*$"
)
_AMOUNTS = re.compile(r"^(rating|stars|dwell(_.*)?|watch_?time|play_?time|revenue|gmv|spend)$")
_USERS = re.compile(
    r"^(u|uid|user|user_?(id|key)|member_?(id)?|customer_?(id)?|visitor_?(id)?|account_?(id)?|session_?(id)?)$"
)
_TIMES = re.compile(r"(^|_)(time|timestamp|ts|date|datetime|day|hour|at)$")
_IDS = re.compile(r"(^|_)(id|key|code|type|category|cat|brand|shop|city|region|gender|segment|group|zip|hash)s?[0-9]*$")
_FEW = 50  # different whole numbers that are rather names than amounts
_ENOUGH_ROWS = 100  # below, "a different value on every row" says nothing


class ColumnGuess(Frozen):
    """What one column may be, and why."""

    column: str
    role: Role
    reason: DataWarning


class Guess(Frozen):
    """A role for every column; and a mapping, unless no column looks like a label."""

    columns: tuple[ColumnGuess, ...]
    user: str | None = None
    time: str | None = None
    split: SplitRule = "random"
    mapping: TableMapping | None = None

    def named(self, role: Role) -> tuple[str, ...]:
        """The columns with a role."""
        return tuple(found.column for found in self.columns if found.role == role)


def guess(report: TableReport) -> Guess:
    """Offer a mapping. Nothing applies it: a person reads it, changes it, and says so.

    Args:
        report: Of `look`.
    """
    usable = [column for column in report.columns if column.problem is None and column.kind not in ("empty", "lists")]
    user = next((column.name for column in usable if _USERS.search(_plain(column)) and column.distinct > 1), None)
    time = next((column.name for column in usable if column.kind == "moment"), None)
    time = time or next(
        (
            column.name
            for column in usable
            if _TIMES.search(_plain(column)) and column.kind in ("whole number", "number")
        ),
        None,
    )
    columns = tuple(_guess(column, report.rows_looked_at, user, time) for column in report.columns)
    split: SplitRule = "key" if user is not None else "time" if time is not None else "random"
    found = Guess(columns=columns, user=user, time=time, split=split)
    if not found.named("label") or not (found.named("id") or found.named("value")):
        return found
    kinds = {column.name: column.kind for column in report.columns}
    mapping = TableMapping(
        ids=found.named("id"),
        values=tuple(ValueColumn(name=name) for name in found.named("value")),
        labels=tuple(
            LabelColumn(name=name, kind="binary" if kinds[name] == "yes or no" else "regression")
            for name in found.named("label")
        ),
        ignored=tuple(name for name in found.named("ignored") if 0 < len(name) <= 64),
        user=user,
        time=time,
        split=split,
        delimiter=report.delimiter,
    )
    return found.model_copy(update={"mapping": mapping})


def _guess(column: ColumnReport, rows: int, user: str | None, time: str | None) -> ColumnGuess:
    for role, template, is_it in _RULES:
        if is_it(column, rows, user, time):
            values: dict[str, str | int | float] = {"count": column.distinct, "rows": rows}
            return ColumnGuess(
                column=column.name,
                role=role,
                reason=DataWarning(
                    template=template, values={key: value for key, value in values.items() if f"{{{key}}}" in template}
                ),
            )
    raise AssertionError(column.kind)


def _plain(column: ColumnReport) -> str:
    """The name with words apart: userId and User-ID are both user_id."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name).lower())


def _is_distinct_everywhere(column: ColumnReport, rows: int) -> bool:
    return rows >= _ENOUGH_ROWS and column.distinct == rows and column.kind in ("text", "whole number", "mixed")


_Rule = Callable[[ColumnReport, int, str | None, str | None], bool]
_RULES: tuple[tuple[Role, str, _Rule], ...] = (
    ("ignored", "It cannot be used as it is.", lambda column, *_: column.problem is not None or column.kind == "lists"),
    ("ignored", "It is empty.", lambda column, *_: column.kind == "empty"),
    ("id", "Its name says that it is the user: rows are split by it.", lambda column, _, user, __: column.name == user),
    (
        "ignored",
        "It says when: good for splitting, seldom for predicting.",
        lambda column, _, __, time: column.name == time,
    ),
    ("ignored", "It says when: good for splitting, seldom for predicting.", lambda column, *_: column.kind == "moment"),
    ("ignored", "All {rows} rows looked at have the same value.", lambda column, *_: column.distinct <= 1),
    (
        "label",
        "It holds 0 and 1, and its name says what somebody did.",
        lambda column, *_: column.kind == "yes or no" and bool(_BEHAVIOURS.search(_plain(column))),
    ),
    (
        "label",
        "It holds numbers, and its name says how much somebody did.",
        lambda column, *_: column.kind in ("number", "whole number") and bool(_AMOUNTS.search(_plain(column))),
    ),
    (
        "ignored",
        "Each of the {rows} rows looked at has another value: it names the row.",
        lambda column, rows, *_: _is_distinct_everywhere(column, rows),
    ),
    ("value", "It holds numbers that are not whole.", lambda column, *_: column.kind == "number"),
    ("id", "It holds texts ({count} different ones).", lambda column, *_: column.kind == "text"),
    ("id", "It holds numbers and texts: as ids, both are names.", lambda column, *_: column.kind == "mixed"),
    ("id", "It holds 0 and 1, and its name says no behaviour.", lambda column, *_: column.kind == "yes or no"),
    ("id", "Its name says that its numbers are names.", lambda column, *_: bool(_IDS.search(_plain(column)))),
    ("id", "It holds only {count} different whole numbers.", lambda column, *_: column.distinct <= _FEW),
    ("value", "It holds {count} different whole numbers.", lambda *_: True),
)
REASONS = tuple(dict.fromkeys(template for _, template, _ in _RULES))
