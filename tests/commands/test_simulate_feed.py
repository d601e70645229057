"""`simulate feed` and `simulate mmoe-paper`, and training on what they write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.config import MmoePaper, SimulatedFeed
from mmoe_core.data import open_dataset
from tests.commands.conftest import Terminal


def test_a_feed_is_simulated_with_its_dials(terminal: Terminal, home: Path) -> None:
    out = home / "feed"
    found = terminal("simulate", "feed", str(out), "--rows", "2000", "--seed", "3", "--set", "bait=0", "--json").json
    assert found["rows"] == {"train": 1_600, "validation": 200, "test": 200}
    assert found["positives"]["train"]["click"] > found["positives"]["train"]["long_view"] > 0
    assert open_dataset(out).manifest.config == SimulatedFeed(num_rows=2_000, seed=3, bait=0.0)


def test_the_paper_s_tasks_are_generated_with_their_dials_and_have_no_positives(terminal: Terminal, home: Path) -> None:
    out = home / "paper"
    dials = ("--set", "correlation=0.9", "--set", "num_tasks=3", "--set", "num_features=5")
    answer = terminal("simulate", "mmoe-paper", str(out), "--rows", "1000", *dials)
    assert answer.code == 0
    assert "train" in answer.out
    config = MmoePaper(num_rows=1_000, correlation=0.9, num_tasks=3, num_features=5)
    assert open_dataset(out).manifest.config == config


@pytest.mark.parametrize(
    ("name", "dial", "sentence"),
    [
        ("feed", "bait=9", "bait is 9; it must be at most 2"),
        ("feed", "rho=0.5", "not a choice"),
        ("mmoe-paper", "correlation=1.5", "correlation is 1.5; it must be at most 1"),
        ("mmoe-paper", "num_tasks=1", "num_tasks is 1; it must be at least 2"),
    ],
)
def test_a_dial_out_of_bounds_is_refused_and_nothing_is_written(
    terminal: Terminal, home: Path, name: str, dial: str, sentence: str
) -> None:
    answer = terminal("simulate", name, str(home / "x"), "--set", dial)
    assert answer.code == 2
    assert sentence in answer.err
    assert not (home / "x").exists()


@pytest.mark.parametrize("dials", [("feed", ()), ("mmoe-paper", ("data.num_features=5",))], ids=["feed", "paper"])
def test_they_are_trained_on_like_any_dataset(terminal: Terminal, dials: tuple[str, tuple[str, ...]]) -> None:
    source, others = dials
    choices = (f"data.source={source}", "data.num_rows=2000", "train.epochs=1", *others)
    found = terminal("train", *(part for choice in choices for part in ("--set", choice)), "--json").json
    assert found["state"] == "finished"
    numbers = [task for task in found["tasks"].values() if task["kind"] == "regression"]
    assert numbers
    for task in numbers:
        assert task["rmse"] > 0
        assert task["r2"] is not None
        assert task["auc"] is None
