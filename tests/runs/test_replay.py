"""The shipped recording was made by this trainer, and says how."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from mmoe_core.config import from_json, preset
from mmoe_core.data import prepare
from mmoe_core.records import StepRecord, record_from_json
from mmoe_core.runs.replay import read_replay, replay_file
from mmoe_core.training import fit

NUM_STEPS = 20


def test_the_recording_says_what_was_trained_and_how() -> None:
    replay = read_replay("classroom")
    assert replay.config == preset("classroom")
    assert len(replay.commit) == 40
    assert replay.command == "python -m mmoe_core.runs.recording classroom"


def test_its_first_steps_come_out_again(tmp_path: Path) -> None:
    content = json.loads(replay_file("classroom").read_bytes())
    recorded = [record_from_json(json.dumps(record)) for record in content["records"]]
    config = from_json(json.dumps(content["config"]))
    again = fit(config, prepare(config.data, home=tmp_path))
    steps = list(islice((event for event in again if isinstance(event, StepRecord)), NUM_STEPS))
    expected = [record for record in recorded if isinstance(record, StepRecord)][:NUM_STEPS]
    assert [step.step for step in steps] == list(range(1, NUM_STEPS + 1))
    for new, old in zip(steps, expected, strict=True):
        # Another processor may add in another order; everything else must agree.
        assert new.task_losses == pytest.approx(old.task_losses, rel=1e-4)
