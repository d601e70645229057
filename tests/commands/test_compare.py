"""The verb that compares runs: for machines, for people, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.config import MMoE, SharedBottom, SimulatedAliCcp, from_flat
from mmoe_core.runs import Store, work
from tests.commands.conftest import Terminal
from tests.runs.test_singles import LABELS, add

pytestmark = pytest.mark.usefixtures("home")


def test_machines_read_every_task_of_every_run_less_the_last_one(terminal: Terminal) -> None:
    store = Store()
    one, other, baseline = (add(store, MMoE(), seed=seed).run_id for seed in (1, 2, 3))
    found = terminal("compare", one, other, baseline, "--json").json
    assert found["refusals"] == []
    assert [(each["task"], each["a"], each["b"]) for each in found["comparisons"]] == [
        (task, run, baseline) for run in (one, other) for task in ("a.click", "buy", "stay")
    ]
    for each in found["comparisons"]:
        assert set(each) == {"task", "a", "b", "difference", "low", "high", "p"}
        assert each["low"] < each["difference"] < each["high"]
        assert 0 < each["p"] <= 1
    back = terminal("compare", baseline, one, "--json").json["comparisons"]
    assert [each["difference"] for each in back] == pytest.approx(
        [-each["difference"] for each in found["comparisons"][:3]]
    )


def test_people_read_a_table_with_a_verdict(terminal: Terminal) -> None:
    store = Store()
    one, baseline = (add(store, MMoE(), seed=seed).run_id for seed in (1, 2))
    answer = terminal("compare", one, baseline)
    assert answer.code == 0
    assert "not distinguishable on 60 rows; would take about" in answer.out


def test_who_cannot_be_compared_is_named_beside_those_who_can(terminal: Terminal) -> None:
    store = Store()
    one, baseline = (add(store, MMoE(), seed=seed).run_id for seed in (1, 2))
    elsewhere = add(store, SharedBottom(), data=SimulatedAliCcp(num_rows=2000)).run_id
    answer = terminal("compare", elsewhere, one, baseline, "--json")
    assert answer.code == 0
    assert [refusal["run_id"] for refusal in answer.json["refusals"]] == [elsewhere]
    assert f"Run {elsewhere} was tested on rows of" in answer.err
    alone = terminal("compare", elsewhere, baseline, "--json")
    assert (alone.code, alone.json["error"]) == (2, "RunError")


def test_what_is_undefined_is_null_and_a_word(terminal: Terminal) -> None:
    store = Store()
    one, baseline = (add(store, MMoE(), seed=seed, labels=np.zeros_like(LABELS)).run_id for seed in (1, 2))
    first = terminal("compare", one, baseline, "--json").json["comparisons"][0]
    assert [first[name] for name in ("difference", "low", "high", "p")] == [None] * 4
    assert "undefined" in terminal("compare", one, baseline).out


@pytest.mark.parametrize("given", [(), ("20260101T000000-000000",), ("20260101T000000-000000",) * 2])
def test_one_run_is_no_comparison(terminal: Terminal, given: tuple[str, ...]) -> None:
    answer = terminal("compare", *given, "--json")
    assert (answer.code, answer.json["error"]) == (2, "UsageError")


def test_no_name_of_a_run_is_followed(terminal: Terminal) -> None:
    answer = terminal("compare", "../../etc/passwd", "20260101T000000-000000", "--json")
    assert (answer.code, answer.json["error"]) == (2, "RunError")


def test_baselines_stand_beside_the_runs_for_machines_and_for_people(terminal: Terminal) -> None:
    store = Store()
    choices = {"data.num_rows": "2000", "train.max_steps": "4", "train.batch_size": "256", "train.probe_rows": "50"}
    run = work(store.create(from_flat(choices)).run_id, store=store)
    found = terminal("compare", run.run_id, "--baselines", "--json")
    assert found.code == 0
    assert "gradient boosting" in found.err
    assert [(each["task"], each["method"]) for each in found.json["baselines"]] == [
        (task, method) for task in ("click", "purchase") for method in ("linear", "boosting")
    ]
    assert set(found.json["baselines"][0]["runs"][0]) == {"run_id", "difference", "low", "high", "p"}
    again = terminal("compare", run.run_id, "--baselines")
    assert again.err == ""  # learnt before
    assert again.out.count(run.run_id) == 4
