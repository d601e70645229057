"""A conversion in a child: its progress, its end, and what is kept for the next start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mmoe_core.data import Progress, convert_in_child, importing, open_dataset
from mmoe_core.data.raw import STAGES, RawOptions, convert_raw
from mmoe_core.errors import DatasetError
from tests.data.raw.some_raw import write_raw

OPTIONS = RawOptions(history_tokens=4, item_tokens=4, num_threads=1)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_raw(tmp_path / "raw" / "log")


def test_it_goes_through_every_stage_and_makes_what_the_converter_makes(raw: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    made = convert_in_child(raw, OPTIONS, tmp_path / "datasets" / "mine", on_progress=told.append)
    assert tuple(dict.fromkeys(progress.stage for progress in told)) == STAGES
    assert {(progress.num_steps, STAGES[progress.step - 1] == progress.stage) for progress in told} == {(5, True)}
    assert made.manifest.checksums == convert_raw(raw, tmp_path / "here", OPTIONS).manifest.checksums
    assert [path.name for path in (tmp_path / "datasets").iterdir()] == ["mine"]


def test_cancelled_after_a_complete_stage_it_goes_on_after_that_one(raw: Path, tmp_path: Path) -> None:
    place, told = tmp_path / "datasets" / "mine", []
    with pytest.raises(DatasetError, match=r"The conversion of 'log' was cancelled\. Its complete steps are kept"):
        convert_in_child(
            raw,
            OPTIONS,
            place,
            on_progress=told.append,
            is_cancelled=lambda: any(progress.stage != STAGES[0] for progress in told),
        )
    assert [path.name for path in place.parent.iterdir()] == [".mine.work"]
    told.clear()
    convert_in_child(raw, OPTIONS, place, on_progress=told.append)
    assert STAGES[0] not in {progress.stage for progress in told}
    assert [path.name for path in place.parent.iterdir()] == ["mine"]
    assert open_dataset(place).manifest.checksums == convert_raw(raw, tmp_path / "here", OPTIONS).manifest.checksums


def test_a_refusal_comes_back_as_it_was_said_and_leaves_nothing(raw: Path, tmp_path: Path) -> None:
    (raw / "common_features_test.csv").unlink()
    with pytest.raises(DatasetError, match=r"'log' has no common_features_test\.csv"):
        convert_in_child(raw, OPTIONS, tmp_path / "datasets" / "mine")
    assert not list(tmp_path.glob("datasets/*"))


def test_a_conversion_that_is_killed_says_so(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 9)"
    monkeypatch.setattr(importing, "_COMMAND", [sys.executable, "-c", program])
    with pytest.raises(DatasetError, match="was killed, or its disk or memory is full"):
        convert_in_child(raw, OPTIONS, tmp_path / "datasets" / "mine")


def test_no_time_is_too_long_for_it(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10**12, 10**6))
    monkeypatch.setattr(importing, "monotonic", lambda: float(next(clock)))
    assert convert_in_child(raw, OPTIONS, tmp_path / "mine").name == "mine"
