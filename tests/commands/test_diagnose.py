"""What is wrong with a run, in the terminal."""

from __future__ import annotations

from pathlib import Path

from mmoe_core.analysis.clinic import FAULTS
from mmoe_core.runs import Store
from tests.commands.conftest import TINY, Terminal


def test_a_zero_weight_task_is_the_verdict_and_its_gate_the_consequence(terminal: Terminal, home: Path) -> None:
    terminal("train", "--preset", "classroom", *TINY, "--set", "train.task_weights.purchase=0", "--json")
    run = Store().rows()[0].run_id
    found = terminal("diagnose", run, "--json").json
    assert found["verdict"]["code"] == "starved_task"
    assert found["verdict"]["values"]["share"] == 0
    assert found["verdict"]["remedies"][0]["changes"] == {"train.task_weights.purchase": "1"}
    assert "frozen_gate" in [one["code"] for one in found["consequences"]]
    assert found["checked"] == list(FAULTS)
    said = terminal("diagnose", run).out
    assert said.startswith("verdict: A task is starved.")
    assert "follows from it: A gate has never moved." in said


def test_every_run_is_told_what_was_looked_for(terminal: Terminal, trained: str) -> None:
    answer = terminal("diagnose", trained)
    assert answer.code == 0
    found = terminal("diagnose", trained, "--json").json
    assert len(found["evidence"]["trained"]["gates"]) == 2
    if found["verdict"] is None:
        assert "is healthy. Looked for:" in answer.out


def test_a_run_that_is_not_there_is_refused(terminal: Terminal, home: Path) -> None:
    assert terminal("diagnose", "20200101T000000-abcdef").code == 2
