"""The learning rate over a run."""

from __future__ import annotations

import pytest

from mmoe_core.config import TrainConfig
from mmoe_core.records import SetLearningRate, StepRecord
from mmoe_core.training import fit
from mmoe_core.training.schedule import rate_factor
from tests.training.test_fit import Wishes
from tests.training.tiny import tiny_config, tiny_dataset


def factors(**choices: object) -> list[float]:
    train = TrainConfig.model_validate(choices)
    return [rate_factor(train, step, 100) for step in range(1, 101)]


def test_without_a_schedule_the_rate_stays() -> None:
    assert factors() == [1.0] * 100


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_it_falls_from_all_to_almost_nothing(schedule: str) -> None:
    found = factors(schedule=schedule)
    assert found[0] == 1.0
    assert found == sorted(found, reverse=True)
    assert found[50] == pytest.approx(0.5)
    assert 0 < found[-1] < 0.02


def test_it_warms_up_in_equal_steps_and_falls_from_there() -> None:
    found = factors(schedule="cosine", warmup_steps=10)
    assert found[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert found[10] == 1.0
    assert found[55] == pytest.approx(0.5)


def test_records_say_the_rate_that_was_used_also_after_a_change() -> None:
    config = tiny_config(schedule="linear", warmup_steps=5)
    wishes = Wishes({20: [SetLearningRate(learning_rate=1.0)]})
    records = [event for event in fit(config, tiny_dataset(), controls=wishes) if isinstance(event, StepRecord)]
    for record in records:
        base = 1.0 if record.step >= 20 else 0.01
        assert record.learning_rate == pytest.approx(base * rate_factor(config.train, record.step, len(records)))
