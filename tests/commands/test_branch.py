"""`branch`: for people and for machines, with the real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.commands import main
from mmoe_core.runs import Store
from tests.commands.conftest import TINY, Terminal
from tests.runs.fakes import timeless, until


@pytest.fixture
def parent(home: Path) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["train", "--preset", "classroom", *TINY, "--json"])
    assert ended.value.code == 0
    return Store().rows()[0].run_id


def test_a_branch_is_started_listed_and_shown_with_its_parent_and_step(terminal: Terminal, parent: str) -> None:
    store = Store()
    half = store.row(parent).steps // 2
    same = terminal("branch", parent, "--at", "epoch:1", "--json").json
    assert (same["parent_run_id"], same["parent_step"]) == (parent, half)
    said = terminal("branch", parent, "--at", "0", "--set", "train.learning_rate=0.01", "--name", "faster").out
    assert f"a branch of {parent} at step 0" in said
    until(lambda: all(row.state == "finished" for row in store.rows()))
    runs = {run["run_id"]: run for run in terminal("runs", "--json").json["runs"]}
    assert len(runs) == 3
    assert (runs[parent]["parent_run_id"], runs[parent]["parent_step"]) == (None, None)
    assert timeless(store.records(same["run_id"])) == timeless(store.records(parent))
    shown = terminal("show", same["run_id"], "--json").json
    assert (shown["parent_run_id"], shown["parent_step"]) == (parent, half)
    assert f"A branch of {parent} at step {half}." in terminal("show", same["run_id"]).out
    (faster,) = (run for run in runs.values() if run["name"] == "faster")
    assert faster["parent_step"] == 0
    assert store.row(faster["run_id"]).config.train.learning_rate == 0.01
    lines = terminal("runs").out.splitlines()
    assert any(same["run_id"] in line and f"{parent}  {half}" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("--at", "epoch:7"), "RunError", "Epochs that have one: 0, 1, 2."),
        (("--at", "3"), "RunError", "no state of step 3 "),
        (("--at", "soon"), "ConfigError", "'soon' is neither"),
        (("--at", "0", "--set", "model.num_experts=3"), "ConfigError", "model.num_experts decides"),
        (("--at", "0", "--set", "mood"), "ConfigError", "Write it as key=value"),
        ((), "UsageError", "--at"),
    ],
)
def test_what_cannot_be_branched_is_refused_in_one_sentence(
    terminal: Terminal, trained: str, arguments: tuple[str, ...], error: str, told: str
) -> None:
    answer = terminal("branch", trained, *arguments, "--json")
    assert (answer.code, answer.json["error"]) == (2, error)
    assert told in answer.err
    assert [row.run_id for row in Store().rows()] == [trained]
