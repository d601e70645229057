"""`simulate` of the log at true rates: its formats and its check."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import open_dataset
from tests.commands.conftest import Terminal

TRUE = ("simulate", "ali-ccp", "--profile", "true-rates", "--rows", "1000")


def test_the_check_answers_with_target_got_and_tolerance(terminal: Terminal) -> None:
    answer = terminal("simulate", "ali-ccp", "--profile", "true-rates", "--rows", "30000", "--check", "--json")
    checks = answer.json["checks"]
    assert len(checks) > 70
    assert set(checks[0]) == {"quantity", "target", "got", "tolerance", "holds"}
    assert answer.code == (0 if all(line["holds"] for line in checks) else 1)
    assert "within tolerance" in terminal(*TRUE, "--check").out


def test_true_rates_are_what_ali_ccp_is_simulated_at_unless_said_otherwise(terminal: Terminal, home: Path) -> None:
    terminal("simulate", "ali-ccp", str(home / "log"), "--rows", "1000")
    assert open_dataset(home / "log").manifest.config == SimulatedAliCcp(profile="true-rates", num_rows=1_000)


@pytest.mark.parametrize(("name", "quantity"), [("feed", "like without click"), ("mmoe-paper", "cosine of w1 and w2")])
def test_the_other_simulators_are_checked_against_their_dials(terminal: Terminal, name: str, quantity: str) -> None:
    answer = terminal("simulate", name, "--rows", "5000", "--check", "--json")
    assert answer.code == 0
    assert quantity in {line["quantity"] for line in answer.json["checks"]}
    assert all(line["holds"] is True for line in answer.json["checks"])


def test_a_turned_dial_that_leaves_the_real_log_is_seen(terminal: Terminal) -> None:
    answer = terminal(*TRUE[:3], "true-rates", "--rows", "30000", "--set", "satisfaction=3", "--check", "--json")
    assert answer.code == 1
    assert [line["quantity"] for line in answer.json["checks"] if not line["holds"]] == ["best possible click AUC"]


def test_raw_and_csv_files_are_written(terminal: Terminal, home: Path) -> None:
    raw = terminal(*TRUE[:2], str(home / "raw"), *TRUE[2:], "--format", "raw", "--json").json
    assert len(raw["files"]) == 4
    csv = terminal(*TRUE[:2], str(home / "csv"), *TRUE[2:], "--format", "csv", "--json").json
    assert len(csv["files"]) == 3
    assert "sample_skeleton_train.csv" in terminal(*TRUE[:2], str(home / "again"), *TRUE[2:], "--format", "raw").out


def test_what_cannot_be_is_refused_in_words(terminal: Terminal, home: Path) -> None:
    assert terminal("simulate", "ali-ccp").code == 2
    classroom = ("simulate", "ali-ccp", "--profile", "classroom")
    assert "--profile true-rates" in terminal(*classroom, "--check").err
    assert "ali-ccp" in terminal("simulate", "feed", str(home / "x"), "--format", "raw").err
    assert "true-rates" in terminal(*classroom, str(home / "x"), "--format", "raw").err
    assert not (home / "x").exists()
