"""The data doctor in the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Terminal


def test_people_read_what_it_means_and_what_to_do(terminal: Terminal, home: Path) -> None:
    assert terminal("simulate", "ali-ccp", str(home / "log"), "--profile", "classroom", "--rows", "20000").code == 0
    said = terminal("inspect", str(home / "log"))
    assert said.code == 0
    assert "information: test has " in said.out
    assert "log: nothing that would make its numbers mislead was found." in said.out


def test_machines_get_every_finding_by_the_datasets_name(terminal: Terminal, home: Path) -> None:
    found = terminal("inspect", "census-g1", "--json").json
    assert found["dataset"] == "census-g1"
    worst = found["findings"][0]
    assert (worst["code"], worst["severity"]) == ("predicts_label", "warning")
    assert worst["message"].startswith("detailed household and family stat alone predicts never_married")
    assert worst["values"]["task"] == "never_married"
    assert worst["meaning"]
    assert worst["remedy"].startswith("Ask whether detailed household and family stat is known")
    assert worst["sampled_rows"] is worst["note"] is None
    assert {finding["severity"] for finding in found["findings"]} == {"warning", "information"}


def test_what_is_no_dataset_is_refused(terminal: Terminal, home: Path) -> None:
    answer = terminal("inspect", str(home / "nowhere"), "--json")
    assert answer.code == 2
    assert answer.json["error"] == "DatasetError"
    assert "nowhere" in answer.err
