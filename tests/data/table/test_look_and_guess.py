from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.data.table import TableReport, guess, import_table, look, report

Log = Callable[[int], pd.DataFrame]


def looked(frame: pd.DataFrame, folder: Path, **how: object) -> TableReport:
    frame.to_csv(folder / "mine.csv", index=False, **how)
    return look(folder / "mine.csv")


def test_a_look_says_what_each_column_holds(tmp_path: Path) -> None:
    found = looked(
        pd.DataFrame(
            {
                "flag": [0, 1, 1, 0],
                "count": [3, 900, 3, 4],
                "price": [1.5, None, 2.5, 1.5],
                "day": ["2026-05-01", "2026-05-03", "2026-05-02", "2026-05-02"],
                "word": ["b", "a", None, "a"],
                "either": ["1", "2", "3", "x"],
                "nothing": [None] * 4,
            }
        ),
        tmp_path,
    )
    assert [(column.name, column.kind, column.missing, column.distinct) for column in found.columns] == [
        ("flag", "yes or no", 0, 2),
        ("count", "whole number", 0, 3),
        ("price", "number", 1, 2),
        ("day", "moment", 0, 3),
        ("word", "text", 1, 2),
        ("either", "mixed", 0, 4),
        ("nothing", "empty", 4, 0),
    ]
    assert (found.columns[1].low, found.columns[1].high) == (3, 900)
    assert (found.columns[3].first, found.columns[3].last) == ("2026-05-01", "2026-05-03")
    assert found.columns[4].examples == ("b", "a")
    assert (found.num_rows, found.rows_looked_at) == (4, 4)
    assert TableReport.model_validate_json(found.model_dump_json()) == found


def test_a_look_is_bounded_and_writes_nothing(tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_MOST_ROWS", 50)
    found = looked(log(2000), tmp_path)
    assert (found.num_rows, found.rows_looked_at) == (None, 50)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_the_delimiter_is_found_and_odd_names_are_problems_of_their_columns(tmp_path: Path, log: Log) -> None:
    found = looked(log(50).rename(columns={"note": "n" * 500, "dwell": ""}), tmp_path, sep="|")
    assert found.delimiter == "|"
    assert str(found.columns[-1].problem) == "Its name has 500 characters: rename it, with at most 64, to use it."
    assert str(found.columns[-2].problem) == "It has no name: give it one to use it."


def test_a_guess_has_a_role_and_a_reason_for_every_column(tmp_path: Path, log: Log) -> None:
    frame = log(300)
    frame.insert(0, "row", np.arange(300) + 7)
    frame["price"] *= 10
    offered = guess(looked(frame, tmp_path))
    assert {found.column: found.role for found in offered.columns} == {
        "row": "ignored",
        "user": "id",
        "item": "id",
        "price": "value",
        "when": "ignored",
        "click": "label",
        "purchase": "label",
        "dwell": "label",
        "note": "ignored",
    }
    assert all(str(found.reason) for found in offered.columns)
    assert (offered.user, offered.split) == ("user", "key")


def test_a_guessed_mapping_can_be_imported(tmp_path: Path, log: Log) -> None:
    mapping = guess(looked(log(600), tmp_path)).mapping
    assert mapping is not None
    assert [label.kind for label in mapping.labels] == ["binary", "binary", "regression"]
    dataset = import_table(tmp_path / "mine.csv", mapping, tmp_path / "datasets" / "mine")
    assert dataset.schema.task_names == ("click", "purchase", "dwell")


def test_without_anything_like_a_label_no_mapping_is_offered(tmp_path: Path, log: Log) -> None:
    offered = guess(looked(log(100)[["user", "item", "price"]], tmp_path))
    assert offered.mapping is None
    assert offered.named("label") == ()
