"""A branch may change what is still ahead of its run, and nothing that lies behind."""

from __future__ import annotations

import pytest

from mmoe_core.config import (
    AITM,
    CAGrad,
    GradNorm,
    MMoE,
    RunConfig,
    SharedBottom,
    SimulatedAliCcp,
    Static,
    TrainConfig,
    branched,
    changes_between,
)
from mmoe_core.errors import ConfigError

CONFIG = RunConfig(
    data=SimulatedAliCcp(num_rows=2_000),
    model=MMoE(num_experts=3, embedding_scale=0.1234567890123456),
    train=TrainConfig(learning_rate=0.1234567890123456, balancing=GradNorm(alpha=0.5)),
)


def test_nothing_changed_is_the_very_same_and_what_was_not_asked_for_keeps_all_its_digits() -> None:
    assert branched(CONFIG, {}) is CONFIG
    changed = branched(CONFIG, {"train.epochs": "9", "train.task_weights.click": "2"})
    assert (changed.data, changed.model) == (CONFIG.data, CONFIG.model)
    assert (changed.train.epochs, changed.train.task_weights) == (9, {"click": 2.0})
    softer = branched(CONFIG, {"model.gate_temperature": "2", "model.gate_dropout": "0.1"})
    assert softer.train == CONFIG.train
    assert isinstance(softer.model, MMoE)
    assert (softer.model.gate_temperature, softer.model.gate_dropout) == (2.0, 0.1)


def test_another_balancing_method_comes_with_its_defaults_and_with_what_is_said_of_it() -> None:
    assert branched(CONFIG, {"train.balancing.method": "static"}).train.balancing == Static()
    cagrad = {"train.balancing.method": "cagrad", "train.balancing.c": "0.3"}
    assert branched(CONFIG, cagrad).train.balancing == CAGrad(c=0.3)
    assert branched(CONFIG, {"train.balancing.learning_rate": "0.1"}).train.balancing == GradNorm(
        alpha=0.5, learning_rate=0.1
    )


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("data.num_rows", "3000", "goes on with the rows"),
        ("data.source", "census", "goes on with the rows"),
        ("model.kind", "cgc", "decides which weights there are"),
        ("model.num_experts", "4", "decides which weights there are"),
        ("model.embedding_scale", "1", "decides which weights there are"),
        ("model.tower_widths.click", "4", "decides which weights there are"),
        ("train.seed", "1", "decided what the run did before the branch"),
        ("train.batch_size", "32", "decided what the run did before the branch"),
        ("train.optimizer", "sgd", "decided what the run did before the branch"),
        ("train.best_by", "click", "decided what the run did before the branch"),
        ("train.learning_rate", "-1", "must be above 0"),
        ("train.mood", "1", "is not a choice of a run"),
        ("model.num_levels", "3", "is not a choice of a run"),
        ("mood", "1", "is not a choice of a run"),
    ],
)
def test_what_cannot_change_is_refused_by_its_name(path: str, value: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as refused:
        branched(CONFIG, {path: value})
    assert path in str(refused.value)


def test_to_say_what_is_so_already_is_no_change() -> None:
    assert branched(CONFIG, {"model.num_experts": "3", "data.num_rows": "2000"}).model.kind == "mmoe"


def test_what_can_change_is_said_for_the_network_at_hand() -> None:
    shared = CONFIG.model_copy(update={"model": SharedBottom()})
    with pytest.raises(ConfigError, match=r"of this network: model\.expert_dropout, model\.tower_dropout\.$"):
        branched(shared, {"model.norm": "layer"})
    handed_on = branched(CONFIG.model_copy(update={"model": AITM()}), {"model.constraint": "0"}).model
    assert isinstance(handed_on, AITM)
    assert handed_on.constraint == 0


@pytest.mark.parametrize(
    "train",
    [
        TrainConfig(learning_rate=0.5, balancing=CAGrad(c=0.25)),
        TrainConfig(max_steps=7, patience=2, task_weights={"click": 2.0, "purchase": 0.0}),
        TrainConfig(balancing=GradNorm(alpha=2.0), schedule="cosine"),
    ],
)
def test_the_changes_between_two_configs_lead_from_each_to_the_other(train: TrainConfig) -> None:
    one, other = RunConfig(), RunConfig(train=train, model=MMoE(gate_dropout=0.25))
    assert changes_between(one, one) == {}
    assert branched(one, changes_between(one, other)) == other
    assert branched(other, changes_between(other, one)) == one
