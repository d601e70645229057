"""The shipped recording was made by this trainer, and says how."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import from_json, preset
from mmoe_core.data import prepare
from mmoe_core.errors import RunError
from mmoe_core.records import EpochRecord, GateSnapshot, StepRecord, record_from_json
from mmoe_core.runs.replay import read_replay, replay_bytes, replay_file
from mmoe_core.training import Checkpoint, fit

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
    untrained, measured, steps = beginning(again)
    old_untrained, old_measured, expected = beginning(recorded)
    # Another processor may add in another order; everything else must agree.
    assert (untrained.step, measured.step) == (old_untrained.step, old_measured.step) == (0, 0)
    for new, old in zip(untrained.levels, old_untrained.levels, strict=True):
        assert (new.readers, new.experts) == (old.readers, old.experts)
        assert np.asarray(new.mean_RE) == pytest.approx(np.asarray(old.mean_RE), abs=1e-4)
    for task, old in old_measured.metrics.items():
        new = measured.metrics[task]
        assert (new.rows, new.positives) == (old.rows, old.positives)
        found, said = ((one.loss, one.auc, one.auc_low, one.auc_high, one.oracle_auc) for one in (new, old))
        assert found == pytest.approx(said, rel=1e-4)
    assert [step.step for step in steps] == list(range(1, NUM_STEPS + 1))
    for new, old in zip(steps, expected, strict=True):
        assert new.task_losses == pytest.approx(old.task_losses, rel=1e-4)


def beginning(events: Iterable[object]) -> tuple[GateSnapshot, EpochRecord, list[StepRecord]]:
    """The untrained gates, the first evaluation and the first steps; nothing more is trained."""
    seen: dict[type, list] = {GateSnapshot: [], EpochRecord: [], StepRecord: []}
    for event in events:
        record = event.record if isinstance(event, Checkpoint) else event
        seen.get(type(record), []).append(record)
        if len(seen[StepRecord]) == NUM_STEPS:
            break
    return seen[GateSnapshot][0], seen[EpochRecord][0], seen[StepRecord]


@pytest.mark.parametrize("name", ["", "absent", "../secret", "Classroom", "classroom.json", "/etc/passwd"])
def test_a_name_of_no_recording_is_refused_and_never_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "replay").mkdir()
    with pytest.raises(RunError, match="no recorded run"):
        replay_bytes(name, tmp_path / "replay")
