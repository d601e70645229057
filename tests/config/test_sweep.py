"""A sweep of weights: its grid, its configs, and what it refuses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from mmoe_core.config import (
    GradNorm,
    MMoE,
    RunConfig,
    Schema,
    SharedBottom,
    Single,
    TaskSpec,
    TrainConfig,
    ValueField,
    WeightSweep,
    check_sweep,
    sweep_from_json,
    sweep_points,
)
from mmoe_core.errors import ConfigError

SCHEMA = Schema(
    id_fields=(), value_fields=(ValueField(name="v"),), tasks=(TaskSpec(name="click"), TaskSpec(name="purchase"))
)


def sweep(**choices: Any) -> WeightSweep:
    return WeightSweep(**{"base": RunConfig(), "task": "purchase", **choices})


def test_the_grid_is_even_on_a_log_scale_and_holds_its_ends() -> None:
    weights = [point.weight for point in sweep_points(sweep(num_points=7, low=0.01, high=100.0)) if point.weight]
    assert (weights[0], weights[-1]) == (0.01, 100.0)
    assert 1.0 in weights
    ratios = [above / below for below, above in pairwise(weights)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-3)


@pytest.mark.parametrize("with_singles", [True, False])
def test_every_weight_meets_every_seed_and_each_seed_has_its_baseline(with_singles: bool) -> None:
    plan = sweep(num_points=3, seeds=(1, 2), with_singles=with_singles)
    points = sweep_points(plan)
    assert len(points) == plan.num_runs == (8 if with_singles else 6)
    assert len({point.config.model_dump_json() for point in points}) == len(points)
    assert all(point.config.train.seed == point.seed for point in points)
    singles = [point for point in points if point.weight is None]
    assert all(isinstance(point.config.model, Single) for point in singles)
    assert [point.seed for point in singles] == ([1, 2] if with_singles else [])


def test_a_weight_leaves_the_others_as_they_are_and_a_ratio_keeps_its_product() -> None:
    base = RunConfig(train=TrainConfig(task_weights={"click": 3.0, "purchase": 9.0}))
    for point in sweep_points(sweep(base=base, with_singles=False)):
        assert point.config.train.task_weight("click") == 3.0
        assert point.config.train.task_weight("purchase") == point.weight
    for point in sweep_points(sweep(base=base, against="click", with_singles=False)):
        click, purchase = (point.config.train.task_weight(task) for task in SCHEMA.task_names)
        assert purchase / click == pytest.approx(point.weight)
        assert purchase * click == pytest.approx(1)


def test_a_weight_of_one_is_what_a_run_without_weights_has() -> None:
    (point,) = (point for point in sweep_points(sweep()) if point.weight == 1)
    assert point.config == RunConfig()


def test_single_task_networks_have_neither_weights_nor_a_balancing_that_needs_shared_layers() -> None:
    base = RunConfig(model=SharedBottom(), train=TrainConfig(task_weights={"click": 2.0}, balancing=GradNorm()))
    (alone,) = (point.config for point in sweep_points(sweep(base=base)) if point.weight is None)
    assert alone.train.task_weights == {}
    assert alone.train.balancing.method == "static"


def test_a_sweep_survives_its_json() -> None:
    plan = sweep(base=RunConfig(model=MMoE(num_experts=3)), seeds=(1, 2), against="click")
    assert sweep_from_json(plan.model_dump_json()) == plan
    with pytest.raises(ConfigError, match="low is -1"):
        sweep_from_json('{"base": {}, "task": "click", "low": -1}')


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"task": "stay"}, "names the task 'stay', but this dataset has click, purchase"),
        ({"against": "stay"}, "names the task 'stay'"),
        ({"against": "purchase"}, "is always 1"),
        ({"low": 2.0, "high": 2.0}, "below the highest"),
        ({"seeds": (1, 1)}, "twice"),
        ({"base": RunConfig(model=Single())}, "share nothing"),
        ({"num_points": 20, "seeds": (1, 2, 3)}, "takes 63 trainings; at most 60"),
    ],
)
def test_what_trades_nothing_or_takes_too_much_is_refused(choices: dict[str, Any], told: str) -> None:
    check_sweep(sweep(), SCHEMA)
    with pytest.raises(ConfigError, match=told):
        check_sweep(sweep(**choices), SCHEMA)
