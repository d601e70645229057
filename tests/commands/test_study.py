"""`study` trains a comparison, prints it, and keeps it where pages find it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmoe_core.config import PROJECT
from mmoe_core.studies import Mechanisms, Race, race
from tests.commands.conftest import Terminal

TINY = ("--set", "data.num_rows=1000", "--set", "train.max_steps=2", "--set", "train.epochs=1")


@pytest.fixture(autouse=True)
def few_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "_RATES", (0.003,))
    monkeypatch.setattr(race, "_TUNING_SEEDS", (1001,))


def test_the_race_is_printed_with_its_claims_and_kept(terminal: Terminal, home: Path) -> None:
    answer = terminal("study", "kdd2018", "--seeds", "2", *TINY)
    assert answer.code == 0
    assert answer.out.count(" → ") == 5
    assert "13,056" in answer.out
    assert "18 of 18" in answer.err
    kept = Race.model_validate_json((home / "studies" / "kdd2018.json").read_bytes())
    assert kept.command == f"python -m mmoe_core study kdd2018 --seeds 2 --sizes paper {' '.join(TINY)}"


def test_machines_get_runs_differences_and_claims(terminal: Terminal, home: Path) -> None:
    answer = terminal("study", "kdd2018", "--seeds", "2", *TINY, "--out", str(home / "mine.json"), "--json").json
    assert len(answer["runs"]) == 18
    assert [one["kind"] for one in answer["differences"]] == ["shared_bottom"] * 3 + ["one_gate"] * 3
    assert {claim["verdict"] for claim in answer["claims"]} <= {"holds", "does not hold", "not distinguishable"}
    assert all(one["low"] <= one["mean"] <= one["high"] for one in answer["differences"])
    assert not (home / "studies").exists()


def test_the_table_of_architectures_prints_every_cell_or_its_reason(terminal: Terminal, home: Path) -> None:
    answer = terminal("study", "architectures", "--seeds", "2", "--set", "train.max_steps=2")
    assert answer.code == 0
    for kind in ("single", "shared_bottom", "one_gate", "mmoe", "ml_mmoe", "cgc", "ple", "aitm"):
        assert answer.out.count(f" {kind} ") == 4  # two datasets, two tasks each
    assert answer.out.count(" esmm ") == 2
    assert "esmm is not trained on census: ESMM multiplies" in answer.out
    assert (home / "studies" / "architectures.json").is_file()


def test_the_mechanisms_are_printed_seed_by_seed_with_their_claim(terminal: Terminal, home: Path) -> None:
    answer = terminal("study", "mechanisms", "--seeds", "2", *TINY)
    assert answer.code == 0
    assert [line.split()[:2] for line in answer.out.splitlines()[1:5]] == [
        [seed, task] for seed in ("2022", "1") for task in ("click", "purchase")
    ]
    assert answer.out.count(" → ") == 1
    kept = Mechanisms.model_validate_json((home / "studies" / "mechanisms.json").read_bytes())
    assert kept.command == f"python -m mmoe_core study mechanisms --seeds 2 {' '.join(TINY)}"
    machine = terminal("study", "mechanisms", "--seeds", "2", *TINY, "--json").json
    assert len(machine["claims"][0]["contrasts"]) == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("kdd2018", "--set", "data.num_rows=3"), "it must be at least 1000"),
        (("kdd2018", "--out", "absent/file.json"), "is not there"),
        (("kdd2019",), "No such command"),
    ],
)
def test_what_cannot_be_run_is_refused(
    terminal: Terminal, home: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    del home
    answer = terminal("study", *arguments)
    assert answer.code == 2
    assert sentence in answer.err


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(home: Path) -> None:
    command = [sys.executable, "-m", "mmoe_core", "study", "kdd2018", "--seeds", "1", *TINY]
    first = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    journal = home / "studies" / ".kdd2018.json.trainings"
    while first.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 2):
        time.sleep(0.01)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=60)
    assert first.returncode == 130
    assert "the same command goes on" in said
    again = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert "trainings were done before" in again.stderr
    assert (home / "studies" / "kdd2018.json").is_file()
