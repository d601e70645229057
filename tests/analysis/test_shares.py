"""Shares of loss and gradient sum to 1 and are sums over sums."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis import mean_shares, shares_over_time
from mmoe_core.records import StepRecord


def step(
    number: int,
    losses: dict[str, float],
    norms: dict[str, float] | None = None,
    weights: dict[str, float] | None = None,
) -> StepRecord:
    return StepRecord(
        step=number,
        epoch=1,
        rows=10,
        elapsed_s=0.1,
        task_losses=losses,
        task_weights=weights or dict.fromkeys(losses, 1.0),
        learning_rate=0.1,
        gradient_norms=norms,
    )


def test_a_weight_counts_in_the_loss_and_is_in_the_norm_already() -> None:
    found = mean_shares([step(1, {"a": 0.2, "b": 0.1}, {"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 6.0})])
    assert found["loss"].to_dict() == pytest.approx({"a": 0.25, "b": 0.75})
    assert found["gradient"].to_dict() == pytest.approx({"a": 0.75, "b": 0.25})


def test_shares_are_sums_over_sums_of_the_steps_that_were_looked_at() -> None:
    steps = [step(1, {"a": 1.0, "b": 3.0}), step(2, {"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 4.0})]
    found = mean_shares(steps)
    assert found["loss"].to_dict() == pytest.approx({"a": 0.5, "b": 0.5})
    assert found["gradient"].to_dict() == pytest.approx({"a": 0.2, "b": 0.8})


@pytest.mark.parametrize("count", [1, 7, 40, 41, 333])
def test_windows_cover_all_of_training_and_their_shares_sum_to_one(count: int) -> None:
    random = np.random.default_rng(count)
    steps = [
        step(number, dict(zip("abc", random.random(3), strict=True)), dict(zip("abc", random.random(3), strict=True)))
        for number in range(1, count + 1)
    ]
    frame = shares_over_time(steps)
    assert frame.index[-1] == count
    assert len(frame) <= 40
    for part in ("loss", "gradient"):
        assert frame[part].sum(axis=1).to_list() == pytest.approx([1.0] * len(frame))
        assert [*frame[part].columns] == ["a", "b", "c"]


def test_without_gradients_their_share_is_undefined_and_without_steps_there_is_nothing() -> None:
    frame = shares_over_time([step(1, {"a": 0.5, "b": 0.5}), step(2, {"a": 0.5, "b": 0.5})])
    assert frame["gradient"].isna().all(axis=None)
    assert frame["loss"].notna().all(axis=None)
    assert shares_over_time([]).empty
