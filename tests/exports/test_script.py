"""The script: a file that a person could have written, and that finds the recorded numbers again."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmoe_core.config import (
    AITM,
    CGC,
    PLE,
    Census,
    MMoE,
    MmoePaper,
    RunConfig,
    SimulatedFeed,
    Stored,
    TrainConfig,
)
from mmoe_core.errors import RunError
from mmoe_core.exports import EndedRun, ended_run, script_of
from mmoe_core.exports.literals import classes_in, literal
from mmoe_core.runs import Store
from tests.exports.conftest import home_of

ROOT = Path(__file__).resolve().parents[2]


def ran(text: str, home: Path, folder: Path) -> str:
    file = folder / "again.py"
    file.write_text(text, encoding="utf-8")
    environment = {**os.environ, "MMOE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, file], env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_script_trains_the_run_again_to_equal_numbers(changed_run: EndedRun, tmp_path: Path) -> None:
    said = ran(script_of(changed_run), tmp_path, tmp_path).splitlines()
    assert said[-1] == "Equal to the recorded run."
    assert f"click loss: {changed_run.end.metrics['click'].loss}" in said


def test_a_script_says_so_when_the_numbers_differ(changed_run: EndedRun, tmp_path: Path) -> None:
    otherwise = script_of(changed_run).replace("learning_rate=0.004", "learning_rate=0.4")
    assert ran(otherwise, tmp_path, tmp_path).splitlines()[-1].endswith("numbers differ from the recorded run.")


def test_what_was_changed_stands_in_the_script_at_its_step(changed_run: EndedRun, plain_run: EndedRun) -> None:
    text = script_of(changed_run)
    assert "17: [Stop()]" in text
    assert 'SetTaskWeights(task_weights={"click": 1.0, "purchase": 3.0})' in text
    assert "Replayed" not in script_of(plain_run)


@pytest.mark.parametrize("which", ["plain_run", "changed_run"])
def test_a_script_is_formatted_and_sorted_as_the_house_wants(
    request: pytest.FixtureRequest, tmp_path: Path, which: str
) -> None:
    file = tmp_path / "again.py"
    file.write_text(script_of(request.getfixturevalue(which)), encoding="utf-8")
    for rule in (("check", "--select", "E,F,W,I,UP,B"), ("format", "--diff")):
        command = [Path(sys.executable).parent / "ruff", *rule, "--config", ROOT / "pyproject.toml", file]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", ['"""', "'''", "\\", "a\nimport os", "\u2028", "\r", "{run_id}", "专家"])
def test_a_runs_name_stays_a_comment_whatever_it_is(plain_run: EndedRun, name: str) -> None:
    from dataclasses import replace

    named = script_of(replace(plain_run, row=replace(plain_run.row, name=name)))
    plain = script_of(replace(plain_run, row=replace(plain_run.row, name="")))
    assert ast.dump(ast.parse(named)) == ast.dump(ast.parse(plain))


@pytest.mark.parametrize(
    "config",
    [
        RunConfig(),
        RunConfig(data=Census(group="g2"), model=CGC(expert_widths=(32, 16), tower_widths={'a "task"': (4,)})),
        RunConfig(data=Stored(name="mine"), model=PLE(num_levels=3), train=TrainConfig(task_weights={"é\\": 1e-12})),
        RunConfig(data=SimulatedFeed(), model=AITM(constraint=0.1 + 0.2)),
        RunConfig(data=MmoePaper(), model=MMoE(num_experts=3), train=TrainConfig(clip_norm=1e300 / 1e295)),
    ],
)
def test_a_literal_is_its_value_where_it_is_imported(tmp_path: Path, config: RunConfig) -> None:
    file = tmp_path / "written.py"
    names = ", ".join(sorted(found.__name__ for found in classes_in(config)))
    file.write_text(f"from mmoe_core.config import {names}\nCONFIG = {literal(config)}\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("written", file)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    assert config == module.CONFIG


def test_a_run_that_has_not_ended_is_refused(tmp_path: Path, plain_run: EndedRun) -> None:
    store = Store(tmp_path / "runs")
    row = store.create(plain_run.row.config)
    with pytest.raises(RunError, match=f"Run {row.run_id} is interrupted: only a run that was trained or stopped"):
        ended_run(store, row.run_id)
    assert home_of(plain_run) != tmp_path
