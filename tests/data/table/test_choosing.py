"""What a person chose becomes a mapping, or a sentence about what is still to be chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mmoe_core.data.table import ColumnRole, TableChoices, TableReport, choices_of, guess, look, offered_roles
from mmoe_core.errors import DatasetError


@pytest.fixture
def report(tmp_path: Path, log: Callable[[int], pd.DataFrame]) -> TableReport:
    table = log(300).assign(nothing="", below=-1.5)
    table["gaps"] = [1, None] * 150
    table.to_csv(tmp_path / "mine.csv", index=False)
    return look(tmp_path / "mine.csv")


def test_what_is_offered_can_be_taken_as_it_is_and_is_the_guess(report: TableReport) -> None:
    guessed = guess(report)
    assert guessed.mapping is not None
    rest = TableChoices(user=guessed.user, time=guessed.time, split=guessed.split)
    assert choices_of(report, offered_roles(report, guessed), {}, rest) == guessed.mapping


def test_every_choice_reaches_the_mapping(report: TableReport) -> None:
    roles: dict[str, ColumnRole] = {
        "user": "id",
        "price": "log",
        "dwell": "regression",
        "click": "binary",
        "note": "ignored",
    }
    mapping = choices_of(report, roles, {"dwell": "click"}, TableChoices(min_frequency=3, drop_bad_rows=True))
    assert mapping.ids == ("user",)
    assert [(value.name, value.is_log) for value in mapping.values] == [("price", True)]
    assert [(label.name, label.kind, label.observed_if) for label in mapping.labels] == [
        ("click", "binary", None),
        ("dwell", "regression", "click"),
    ]
    assert (mapping.ignored, mapping.min_frequency, mapping.drop_bad_rows) == (("note",), 3, True)


ENOUGH: dict[str, ColumnRole] = {"click": "binary", "user": "id"}


@pytest.mark.parametrize(
    ("roles", "conditions", "rest", "sentence"),
    [
        ({}, {}, {}, "No column is a label yet"),
        ({"click": "binary"}, {}, {}, "there is nothing to predict from"),
        (ENOUGH | {"nothing": "id"}, {}, {}, "'nothing' is empty"),
        (ENOUGH | {"price": "binary"}, {}, {}, "'price' does not hold 0 and 1 only"),
        (ENOUGH | {"gaps": "binary"}, {}, {}, "'gaps' is empty in 150 of the rows looked at"),
        (ENOUGH | {"note": "value"}, {}, {}, "'note' does not hold numbers only"),
        (ENOUGH | {"below": "log"}, {}, {}, "'below' goes down to -1.5"),
        (ENOUGH, {}, {"user": "click", "split": "key"}, "'click' is a label, so it cannot be the user key"),
        (ENOUGH, {}, {"split": "key"}, "Splitting by user needs"),
        (ENOUGH, {}, {"split": "time"}, "Splitting by time needs"),
        (ENOUGH, {}, {"split": "time", "time": "note"}, "'note' holds neither numbers nor dates"),
        (ENOUGH, {}, {"user": "absent", "split": "key"}, "There is no column 'absent'"),
        (ENOUGH, {"click": "price"}, {}, "'price' is no other yes-or-no label"),
        (ENOUGH, {"click": "click"}, {}, "'click' is no other yes-or-no label"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    report: TableReport, roles: dict[str, ColumnRole], conditions: dict[str, str], rest: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DatasetError, match=sentence):
        choices_of(report, roles, conditions, TableChoices(**rest))


def test_where_bad_rows_are_left_out_a_column_of_few_good_cells_may_be_a_label(report: TableReport) -> None:
    mapping = choices_of(report, ENOUGH | {"price": "binary"}, {}, TableChoices(drop_bad_rows=True))
    assert mapping.label_names == ("price", "click")
