"""False alarms of the clinic, counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.metrics import exact_interval
from mmoe_core.studies import read_alarms, run_alarms, study_file
from mmoe_core.studies.small_run import SMALL_RUN


def test_what_ships_counts_200_seeds_of_the_small_run_and_stays_under_its_goal() -> None:
    study = read_alarms()
    assert list(study.runs) == list(range(200))
    assert study.config.model == SMALL_RUN.model
    assert study.config.data == SMALL_RUN.data
    low, high = exact_interval(len(study.alarmed), len(study.runs))
    assert low <= len(study.alarmed) / len(study.runs) <= min(0.05, high)


def test_a_study_is_written_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    said = list[str]()
    made = run_alarms(num_seeds=2, out=study_file("alarms"), command="two", say=said.append)
    assert read_alarms() == made
    assert list(made.runs) == [0, 1]
    assert said
