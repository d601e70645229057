"""The benchmark's own arithmetic; what it measures is measured by `make bench`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from mmoe_core.bench import (
    balancing,
    growth,
    measure,
    measure_balancing,
    measure_growth,
    measure_scaling,
    read_balancing_costs,
    report,
    scaling,
    turns,
)
from mmoe_core.bench.engine import time_balancing, time_engine
from mmoe_core.bench.figures import Figures
from mmoe_core.bench.parts import time_parts
from mmoe_core.bench.work import bench_config, make_work
from mmoe_core.config import BalancingMethod
from mmoe_core.errors import LabError


def test_ratios_are_taken_within_a_round_and_a_peer_counts_with_its_better_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speeds = {  # the machine is half as fast in the second round
        ("engine", 1): [300.0, 150.0, 330.0],
        ("floor", 1): [600.0, 300.0, 600.0],
        ("torch-rechub", 1): [10.0, 5.0, 10.0],
        ("torch-rechub", 2): [20.0, 10.0, 20.0],
    }
    turns = {key: iter(values) for key, values in speeds.items()}

    def run(name: str, rows: int, threads: int) -> Figures:
        assert rows == 1000
        if name == "parts":
            return Figures(milliseconds={"gather": 0.5})
        rate = next(turns[name, threads])
        return Figures(train_rows_per_second=rate, evaluate_rows_per_second=2 * rate, validation_loss=0.2)

    monkeypatch.setattr(report, "run", run)
    monkeypatch.setattr(report, "find_spec", lambda module: module == "torch_rechub" or None)
    said: list[str] = []
    found = measure(1000, 3, said.append)
    assert found.train == {"engine": 300.0, "floor": 600.0, "torch-rechub": 20.0}
    assert found.train_ratio == {"torch-rechub": 15.0}
    assert found.evaluate_ratio == {"torch-rechub": 15.0}
    assert found.share_of_floor == 0.5
    assert found.milliseconds == {"gather": 0.5}
    assert said[0] == "1 of 3: engine, 1 thread"


def test_a_process_that_fails_is_named_with_its_last_line() -> None:
    with pytest.raises(LabError, match=r"nobody could not be timed: .*invalid choice"):
        turns.run("nobody", 1000, 1)


def test_the_work_has_ali_ccps_vocabularies_and_something_to_learn(tmp_path: Path) -> None:
    work = make_work(20_000, tmp_path)
    assert 1_550_000 < work.schema.num_ids < 1_570_000
    train = work.split("train")
    offsets = np.array([*work.schema.offsets, work.schema.num_ids])
    assert (train.ids_NF >= offsets[:-1]).all()
    assert (train.ids_NF < offsets[1:]).all()
    assert 0.02 < train.labels_NT[:, 0].mean() < 0.08
    figures = time_engine(work, bench_config())
    assert figures.validation_loss is not None
    assert figures.validation_loss < 0.9 * 2 * np.log(2)
    parts = time_parts(work, bench_config()).milliseconds
    assert parts is not None
    assert all(spent > 0 for spent in parts.values())
    rates = time_balancing(work, bench_config(max_steps=4)).train_by_method
    assert rates is not None
    assert set(rates) == set(get_args(BalancingMethod))
    assert all(rate > 0 for rate in rates.values())


def test_sizes_have_their_turns_and_the_highest_peak_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = iter([(10.0, 500.0), (8.0, 510.0), (30.0, 505.0), (9.0, None), (20.0, 490.0), (7.0, 520.0)])

    def run(name: str, rows: int, threads: int) -> Figures:
        assert (name, threads) == ("engine", 1)
        rate, peak = next(figures)
        return Figures(train_rows_per_second=rate, peak_mb=peak)

    monkeypatch.setattr(growth, "run", run)
    said: list[str] = []
    small, large = measure_growth((100, 1000), 3, said.append)
    assert (small.rows, small.train_rows_per_second, small.peak_mb) == (100, 20.0, 505.0)
    assert (large.rows, large.train_rows_per_second, large.peak_mb) == (1000, 8.0, 520.0)
    assert said[1] == "1 of 3: 1,000 rows"


def test_processes_are_compared_within_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, together = iter([100.0, 50.0, 100.0]), iter([160.0, 90.0, 150.0])  # a slow machine in the second round
    asked: list[tuple[object, ...]] = []

    def run(*what: object) -> Figures:
        asked.append(what)
        return Figures(train_rows_per_second=next(alone))

    def run_together(*what: object) -> Figures:
        asked.append(what)
        return Figures(train_rows_per_second=next(together))

    monkeypatch.setattr(scaling, "run", run)
    monkeypatch.setattr(scaling, "run_together", run_together)
    (found,) = measure_scaling(2, (4096,), 1000, 3, lambda text: None)
    assert (found.alone, found.together, found.ratio) == (100.0, 150.0, 1.6)
    assert asked[:2] == [
        ("engine", 1000, 1, "--batch", "4096", "--ahead", "0"),
        (2, 1000, "--batch", "4096", "--ahead", "0"),
    ]


def test_two_processes_are_timed_together_and_a_failure_is_told() -> None:
    figures = turns.run_together(2, 20_000, "--batch", "4096", "--ahead", "0")
    assert figures.train_rows_per_second is not None
    assert figures.validation_loss is not None
    with pytest.raises(LabError, match="engine could not be timed"):
        turns.run_together(2, 20_000, "--batch", "many")


def test_every_method_is_held_against_static_weights_of_its_round(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = iter([(100.0, 40.0), (50.0, 25.0), (120.0, 48.0)])  # a slow machine in the second one

    def run(*what: object) -> Figures:
        assert what == ("balancing", 20_000, 1)
        static, pcgrad = next(rounds)
        return Figures(train_by_method={"static": static, "pcgrad": pcgrad})

    monkeypatch.setattr(balancing, "run", run)
    found = measure_balancing(20_000, 3, lambda text: None)
    assert (found.ratio["static"], found.ratio["pcgrad"], found.rows_per_second["pcgrad"]) == (1.0, 0.4, 40.0)


def test_costs_are_read_as_they_were_said_and_what_is_not_theirs_is_nothing(tmp_path: Path) -> None:
    shipped = read_balancing_costs()
    assert shipped is not None
    assert set(shipped.ratio) == set(get_args(BalancingMethod))
    assert shipped.ratio["static"] == 1.0
    file = tmp_path / "balancing.json"
    assert read_balancing_costs(file) is None
    file.write_text('{"ratio": {"magic": 2.0}}')
    assert read_balancing_costs(file) is None
    file.write_text(shipped.model_dump_json())
    assert read_balancing_costs(file) == shipped
