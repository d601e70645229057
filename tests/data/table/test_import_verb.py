from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mmoe_core.commands import main
from mmoe_core.config import Stored
from mmoe_core.data import known_datasets, prepare

Log = Callable[[int], pd.DataFrame]
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """`python -m mmoe_core import …` in this process: exit code, output, errors."""
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))

    def said(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["import", *arguments])
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, out, err

    return said


def last(out: str) -> Any:
    return json.loads(out.splitlines()[-1])


def test_without_labels_it_looks_offers_and_imports_nothing(tmp_path: Path, log: Log, say: Say) -> None:
    file = tmp_path / "my log.csv"
    log(300).to_csv(file, index=False)
    code, out, _ = say(str(file))
    assert code == 0
    assert "Its name says that it is the user" in out
    assert "Looked at all 300 rows. Nothing was imported." in out
    assert "--labels click,purchase,dwell:regression" in out
    assert not (tmp_path / "datasets").exists()
    answer = last(say(str(file), "--json")[1])
    assert answer["guess"]["user"] == "user"
    assert [column["name"] for column in answer["report"]["columns"]] == list(log(1).columns)


def test_an_import_is_a_dataset_to_train_on_by_name(tmp_path: Path, log: Log, say: Say) -> None:
    log(600).rename(columns={"price": "price, net"}).to_csv(tmp_path / "log.csv", index=False)
    code, out, _ = say(
        *(str(tmp_path / "log.csv"), "mine", "--labels", "click,purchase,dwell:regression", "--ids", "user,item"),
        *("--values", '"price, net":log', "--key", "user", "--observed", "purchase:click", "--observed", "dwell:click"),
        *("--min-frequency", "2", "--json"),
    )
    assert code == 0
    assert last(out)["dataset"] == "mine"
    assert sum(last(out)["rows"].values()) == 600
    dataset = prepare(Stored(name="mine"))
    assert [(task.name, task.kind, task.observed_if) for task in dataset.schema.tasks] == [
        ("click", "binary", None),
        ("purchase", "binary", "click"),
        ("dwell", "regression", "click"),
    ]
    assert dataset.schema.value_fields[0].name == "price, net"
    assert known_datasets()[-1].config == Stored(name="mine")


def test_without_json_it_says_rows_and_how_to_go_on(tmp_path: Path, log: Log, say: Say) -> None:
    log(600).to_csv(tmp_path / "log.csv", index=False)
    arguments = ("--labels", "click", "--ids", "user,item", "--split", "time", "--time", "when")
    code, out, _ = say(str(tmp_path / "log.csv"), "mine", *arguments)
    assert code == 0
    assert "python -m mmoe_core train --data mine" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("mine", "--labels", "clicks", "--ids", "user"), "log.csv has no column 'clicks'"),
        (("--labels", "click", "--ids", "user"), "Say what the dataset shall be called"),
        (("Mine!", "--labels", "click", "--ids", "user"), "'Mine!' cannot be a dataset's name"),
        (("mine", "--labels", "click", "--ids", "user", "--observed", "x:click"), "write LABEL:CONDITION"),
        (
            ("mine", "--labels", "click", "--ids", "user", "--seed", "soon"),
            "The columns cannot be used like that: seed",
        ),
        (("mine", "--labels", "dwell", "--ids", "user"), "column 'dwell', row 2: the label"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    tmp_path: Path, log: Log, say: Say, arguments: tuple[str, ...], sentence: str
) -> None:
    log(60).to_csv(tmp_path / "log.csv", index=False)
    code, _, err = say(str(tmp_path / "log.csv"), *arguments)
    assert code == 2
    assert sentence in err
    assert not any((tmp_path / "datasets").glob("*"))
