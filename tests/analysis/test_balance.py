"""The weights of a run over its steps are the records' own, and their product."""

from __future__ import annotations

from mmoe_core.analysis import balance_over_time
from mmoe_core.records import StepRecord


def step(number: int, balance: dict[str, float] | None, **weights: float) -> StepRecord:
    return StepRecord(
        step=number,
        epoch=1,
        rows=10,
        elapsed_s=0.1,
        task_losses=dict.fromkeys(weights, 0.5),
        task_weights=weights,
        learning_rate=0.1,
        balance=balance,
    )


def test_both_weights_and_their_product_stand_by_step_and_task() -> None:
    frame = balance_over_time(
        [
            step(1, {"click": 0.5, "purchase": 1.5}, click=1.0, purchase=1.0),
            step(4, {"click": 0.0, "purchase": -0.5}, click=1.0, purchase=10.0),
        ]
    )
    assert frame.index.to_list() == [1, 4]
    assert frame["λ"]["click"].to_list() == [0.5, 0.0]
    assert frame["w"]["purchase"].to_list() == [1.0, 10.0]
    assert frame["λw"]["purchase"].to_list() == [1.5, -5.0]


def test_static_weights_have_a_method_s_weight_of_1() -> None:
    frame = balance_over_time([step(1, None, click=3.0, purchase=1.0)])
    assert frame["λ"].loc[1].to_list() == [1.0, 1.0]
    assert frame["λw"].loc[1].to_list() == [3.0, 1.0]


def test_without_steps_there_is_nothing() -> None:
    assert balance_over_time([]).empty
