"""`bench`: the names that its figures have for machines."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from mmoe_core import bench
from mmoe_core.bench import BalancingCosts, Growth, Report, Scaling
from mmoe_core.commands.bench import bench_verb

REPORT = Report(
    rows=10_000,
    rounds=1,
    train={"engine": 300.0, "floor": 600.0, "torch-rechub": 20.0, "deepctr-torch": 10.0},
    evaluate={"engine": 900.0, "torch-rechub": 30.0, "deepctr-torch": 90.0},
    validation_loss={"engine": 0.2, "torch-rechub": 0.3, "deepctr-torch": 0.4},
    train_ratio={"torch-rechub": 15.0, "deepctr-torch": 30.0},
    evaluate_ratio={"torch-rechub": 30.0, "deepctr-torch": 10.0},
    share_of_floor=0.5,
    milliseconds={"gather": 0.21},
    peak_mb=None,
)


COSTS = BalancingCosts(
    command="bench balancing",
    date="2026-01-01",
    torch="2.13",
    rows=10_000,
    rounds=1,
    rows_per_second={"static": 1000.0, "pcgrad": 500.0},
    ratio={"static": 1.0, "pcgrad": 0.5},
)


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "measure", lambda rows, rounds, say: REPORT)
    growth = [
        Growth(rows=100, train_rows_per_second=10, peak_mb=500),
        Growth(rows=1000, train_rows_per_second=9.5, peak_mb=None),
    ]
    scaling = Scaling(batch_size=4096, processes=2, alone=1000.0, together=1620.0, ratio=1.62)
    monkeypatch.setattr(bench, "measure_scaling", lambda processes, batches, rows, rounds, say: [scaling])
    monkeypatch.setattr(bench, "measure_balancing", lambda rows, rounds, say: COSTS)
    monkeypatch.setattr(bench, "measure_growth", lambda sizes, rounds, say: growth)


def test_each_peers_ratio_has_the_peers_name() -> None:
    said = json.loads(CliRunner().invoke(bench_verb, ["--json"]).output.splitlines()[-1])
    assert said["train_ratio_rechub"] == 15.0
    assert said["evaluate_ratio_rechub"] == 30.0
    assert said["train_ratio_deepctr"] == 30.0
    assert said["share_of_floor"] == 0.5


def test_people_get_a_table_with_every_peer() -> None:
    said = CliRunner().invoke(bench_verb, []).output
    for word in ("torch-rechub", "15.0", "Share of the floor: 50%", "gather", "0.21"):
        assert word in said
    assert "Peak memory" not in said


def test_growth_is_said_against_the_smallest_size() -> None:
    said = CliRunner().invoke(bench_verb, ["growth"]).output
    assert "0.95" in said
    as_json = json.loads(CliRunner().invoke(bench_verb, ["growth", "--json"]).output.splitlines()[-1])
    assert as_json["growth"][1] == {"rows": 1000, "train_rows_per_second": 9.5, "peak_mb": None}


def test_scaling_is_said_with_its_ratio_and_batch() -> None:
    said = CliRunner().invoke(bench_verb, ["scaling"]).output
    for word in ("4,096", "1,620", "1.62"):
        assert word in said
    as_json = json.loads(CliRunner().invoke(bench_verb, ["scaling", "--json"]).output.splitlines()[-1])
    assert as_json["scaling"][0]["ratio"] == 1.62


def test_a_method_s_cost_is_said_against_static_weights_and_read_again_from_what_machines_get() -> None:
    said = CliRunner().invoke(bench_verb, ["balancing"]).output
    assert "500" in said
    assert "0.50" in said
    as_json = CliRunner().invoke(bench_verb, ["balancing", "--json"]).output.splitlines()[-1]
    assert BalancingCosts.model_validate_json(as_json) == COSTS
