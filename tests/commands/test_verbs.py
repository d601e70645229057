"""The other verbs: look, ask, change, delete; for people and for machines."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from mmoe_core.records import StepRecord
from mmoe_core.runs import Store
from tests.commands.conftest import TINY, Terminal
from tests.runs import fakes
from tests.runs.fakes import Working, until


def test_the_gates_of_the_best_weights_stand_beside_the_untrained_ones(terminal: Terminal, trained: str) -> None:
    found = terminal("gates", trained, "--json").json
    assert set(found) == {"gates", "untrained", "js", "untrained_js"}
    for gates in (found["gates"], found["untrained"]):
        assert set(gates) == {"click", "purchase"}
        for means in gates.values():
            assert len(means) == 8
            assert sum(means) == pytest.approx(1, abs=1e-5)
    assert found["gates"] != found["untrained"]
    assert 0 < found["untrained_js"] <= 1
    assert 0 < found["js"] <= 1


@pytest.mark.parametrize(("field", "least"), [("segment", 3), ("301", 2), ("D508", 2)])
def test_gates_by_a_field_are_distributions_in_every_segment(
    terminal: Terminal, trained: str, field: str, least: int
) -> None:
    found = terminal("gates", trained, "--by", field, "--json").json
    assert len(found["segments"]) >= least
    for of_value in found["segments"].values():
        for means in of_value.values():
            assert sum(means) == pytest.approx(1, abs=1e-5)
    assert set(found["top_expert_information_bits"]) == {"click", "purchase"}
    assert all(bits >= 0 for bits in found["top_expert_information_bits"].values())


@pytest.mark.usefixtures("home")
def test_every_level_is_said_and_what_cannot_be_heard_is_a_dash(terminal: Terminal) -> None:
    choices = (*TINY, "--set", "train.max_steps=2", "--set", "model.kind=ple", "--set", "model.num_task_experts=1")
    run = terminal("train", *choices, "--set", "model.num_shared_experts=1", "--json").json["run_id"]
    lines = [line.split() for line in terminal("gates", run).out.splitlines()]
    weights = [line[1:] for line in lines if line[:1] and line[0] in ("click", "purchase", "shared")]
    assert [[cell == "–" for cell in line] for line in weights] == [
        [False, True, False],
        [True, False, False],
        [False, False, False],
        [False, True, False],
        [True, False, False],
    ]


def test_gates_by_a_field_that_is_not_there_names_those_that_are(terminal: Terminal, trained: str) -> None:
    answer = terminal("gates", trained, "--by", "mood", "--json")
    assert answer.code == 2
    assert answer.json["error"] == "DatasetError"
    assert "301" in answer.err


def test_people_read_tables(terminal: Terminal, trained: str) -> None:
    assert trained in terminal("runs").out
    shown = terminal("show", trained).out
    assert "model.num_experts" in shown
    assert "purchase" in shown
    assert "segment = " in terminal("gates", trained, "--by", "segment").out
    assert "census-g1" in terminal("datasets").out


def test_runs_and_datasets_are_listed_for_machines(terminal: Terminal, trained: str) -> None:
    (run,) = terminal("runs", "--json").json["runs"]
    assert (run["run_id"], run["state"], run["error"]) == (trained, "finished", None)
    assert run["created_at"] <= run["started_at"] <= run["ended_at"]
    known = {dataset["name"]: dataset for dataset in terminal("datasets", "--json").json["datasets"]}
    assert known["census-g1"]["is_simulated"] is False
    assert known["ali-ccp-classroom-4000-rho0-seed2022"]["is_ready"] is True


def test_a_live_run_is_asked_and_changed(terminal: Terminal, home: Path) -> None:
    store = Store()
    run_id = store.create(fakes.config(epochs=10_000), schema=fakes.SCHEMA).run_id
    working = Working(store, run_id, partial(fakes.fit, step_s=0.005))
    until(lambda: store.row(run_id).state == "running")

    def weights() -> tuple[float, float]:
        last = store.records(run_id, ["step"])[-1]
        assert isinstance(last, StepRecord)
        return last.task_weights["click"], last.task_weights["purchase"]

    assert terminal("pause", run_id, "--json").json["run_id"] == run_id
    until(lambda: store.row(run_id).state == "paused")
    steps = store.row(run_id).steps
    assert terminal("set", run_id, "task_weights.click=3", "train.task_weights.purchase=4", "--json").code == 0
    terminal("step", run_id)
    until(lambda: store.row(run_id).steps == steps + 1)
    until(lambda: store.row(run_id).state == "paused")
    assert weights() == (3.0, 4.0)
    terminal("continue", run_id)
    until(lambda: store.row(run_id).steps > steps + 3)
    answer = terminal("set", run_id, "train.epochs=3", "--json")
    assert (answer.code, answer.json["error"]) == (2, "ConfigError")
    assert terminal("set", run_id, "learning_rate=nan").code == 2
    assert "no task 'like'" in terminal("set", run_id, "task_weights.like=1").err
    assert terminal("delete", run_id).code == 2
    assert terminal("resume", run_id).code == 2
    assert terminal("stop", run_id, "--json").json == {"run_id": run_id, "state": "stopped"}
    working.join(10)
    assert "is stopped" in terminal("pause", run_id).err
    assert terminal("delete", run_id, "--json").json == {"run_id": run_id, "state": "deleted"}
    assert terminal("runs", "--json").json == {"runs": []}


def test_a_simulated_log_is_written_where_it_was_asked_for_and_only_once(terminal: Terminal, home: Path) -> None:
    out = home / "somewhere" / "log"
    arguments = ("simulate", "ali-ccp", str(out), "--profile", "classroom", "--rows", "2000", "--seed", "3")
    found = terminal(*arguments, "--set", "rho=0.5", "--json").json
    assert sum(found["rows"].values()) == 2_000
    assert 0 < found["positives"]["train"]["purchase"] < found["positives"]["train"]["click"]
    assert (out / "schema.json").is_file()
    again = terminal(*arguments, "--json")
    assert (again.code, again.json["error"]) == (2, "DatasetError")
    assert terminal("simulate", "ali-ccp", str(home / "x"), "--set", "rho=7").code == 2
    assert not (home / "x").exists()


@pytest.mark.parametrize("verb", ["show", "pause", "continue", "step", "stop", "resume", "delete", "gates"])
def test_no_verb_follows_a_hostile_name(terminal: Terminal, home: Path, verb: str) -> None:
    answer = terminal(verb, "../../etc/passwd", "--json")
    assert answer.code == 2
    assert answer.json["error"] == "RunError"
    assert "There is no run" in answer.err


def test_the_terminal_loads_no_torch_to_answer(home: Path) -> None:
    code = (
        "import atexit, os, sys; atexit.register(lambda: os._exit(7) if 'torch' in sys.modules else None);"
        "from mmoe_core.commands import main; main(sys.argv[1:])"
    )
    for verb in ("runs", "--help"):
        ran = subprocess.run([sys.executable, "-c", code, verb], check=False, capture_output=True)
        assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("place", ["a file", "a file/below", "damaged"])
def test_a_home_that_cannot_be_used_is_a_sentence(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "damaged" / "runs").mkdir(parents=True)
    (tmp_path / "damaged" / "runs" / "runs.sqlite3").write_bytes(b"no database" * 1_000)
    monkeypatch.setenv("MMOE_HOME", str(tmp_path / place))
    answer = terminal("runs", "--json")
    assert (answer.code, answer.json["error"]) == (2, "RunError")
    assert f"The runs in {tmp_path / place}/runs/runs.sqlite3 cannot be used: " in answer.err
    assert "set MMOE_HOME to another folder" in answer.err


def test_a_place_that_cannot_be_written_to_is_named(terminal: Terminal, home: Path) -> None:
    answer = terminal("simulate", "ali-ccp", "/proc/x", "--rows", "1000", "--json")
    assert (answer.code, answer.json["error"]) == (2, "RunError")
    assert answer.err.startswith("/proc/")
    assert "Make it readable and writable, or choose another place" in answer.err


def test_a_dataset_is_deleted_by_its_name(terminal: Terminal, home: Path) -> None:
    out = home / "datasets" / "log"
    assert terminal("simulate", "ali-ccp", str(out), "--rows", "1000").code == 0
    assert terminal("datasets", "--delete", "../runs").code == 2
    assert terminal("datasets", "--delete", "log", "--json").code == 0
    assert not out.exists()
