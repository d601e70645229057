"""`sweep`: for people and for machines, with the real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.runs import Store
from tests.commands.conftest import TINY, Terminal
from tests.runs.fakes import until

START = ("sweep", "start", "--preset", "classroom", *TINY, "--task", "purchase", "--points", "2", "--no-singles")


def test_a_sweep_is_started_listed_shown_and_never_trained_twice(terminal: Terminal, home: Path) -> None:
    started = terminal(*START, "--json").json
    assert (started["trainings"], [run["weight"] for run in started["runs"]]) == (2, [0.1, 10.0])
    sweep_id = started["sweep_id"]
    until(lambda: terminal("sweep", "show", sweep_id, "--json").json["state"] == "finished")
    found = terminal("sweep", "show", sweep_id, "--json").json
    store = Store(home / "runs")
    for run in found["runs"]:
        assert run["tasks"]["click"]["auc"] == store.end(run["run_id"]).metrics["click"].auc
    assert terminal("sweep", "list", "--json").json["sweeps"][0]["ended"] == 2
    assert sweep_id in terminal("sweep", "list").out
    assert "2 of 2 trainings have ended" in terminal("sweep", "show", sweep_id).out
    for verb in ("continue", "stop"):
        assert terminal("sweep", verb, sweep_id, "--json").json["runs"] == found["runs"]
    assert terminal(*START, "--json").json["sweep_id"] == sweep_id
    assert len(store.rows()) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*START, "--from", "5", "--to", "1"), "from 5 to 1"),
        ((*START, "--against", "purchase"), "is always 1"),
        ((*START, "--points", "1"), "num_points"),
        (("sweep", "show", "20260101T000000-000000"), "There is no sweep"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_one_sentence(
    terminal: Terminal, home: Path, arguments: tuple[str, ...], told: str
) -> None:
    answer = terminal(*arguments, "--json")
    assert (answer.code, answer.json["error"]) in ((2, "ConfigError"), (2, "RunError"))
    assert told in answer.err
    assert Store(home / "runs").rows() == []
