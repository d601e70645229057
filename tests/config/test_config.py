"""A choice is checked at birth, keeps its value through every spelling, and is refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mmoe_core.config import (
    PRESETS,
    Census,
    IdField,
    MMoE,
    RunConfig,
    Schema,
    SharedBottom,
    SimulatedAliCcp,
    TaskSpec,
    TrainConfig,
    ValueField,
    change_kind,
    check_memory,
    check_tasks,
    from_flat,
    from_json,
    num_steps,
    preset,
    sizes,
    steps_per_epoch,
    to_flat,
)
from mmoe_core.errors import ConfigError

widths = st.lists(st.integers(1, 64), min_size=1, max_size=3).map(tuple)
configs = st.builds(
    RunConfig,
    data=st.builds(
        SimulatedAliCcp, num_rows=st.integers(1000, 10_000), rho=st.floats(-0.9, 1.0).map(lambda x: round(x, 3))
    ),
    model=st.builds(
        MMoE,
        num_experts=st.integers(1, 32),
        expert_widths=widths,
        tower_widths=st.dictionaries(st.sampled_from(["click", "purchase", "a.b"]), widths),
    ),
    train=st.builds(
        TrainConfig,
        task_weights=st.dictionaries(st.sampled_from(["click", "purchase"]), st.sampled_from([0.0, 0.1, 1.0, 83.0])),
        max_steps=st.none() | st.integers(1, 100),
        learning_rate=st.sampled_from([1e-4, 3e-3, 1.0]),
    ),
)
SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=100), IdField(name="item", vocabulary_size=50)),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")),
)


@given(configs)
def test_json_and_links_carry_the_whole_config(config: RunConfig) -> None:
    assert from_json(config.model_dump_json()) == config
    assert from_flat(to_flat(config)) == config


@pytest.mark.parametrize("name", PRESETS)
def test_presets_survive_a_link(name: str) -> None:
    assert from_flat(to_flat(preset(name))) == preset(name)


def test_a_config_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        preset("classroom").train.epochs = 3


def test_a_billion_experts_are_refused_with_the_memory_they_would_need() -> None:
    with pytest.raises(ConfigError, match=r"1,000,000,000 experts .* 512\.0 GB"):
        from_flat({"model.kind": "mmoe", "model.num_experts": "1000000000"})


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("train.epochs", "0", "train.epochs is 0; it must be at least 1."),
        ("train.learning_rate", "0", "train.learning_rate is 0; it must be above 0"),
        ("data.rho", "2", "data.rho is 2; it must be at most 1"),
        ("model.kind", "ple9", "model.kind is ple9; choose one of 'single', 'shared_bottom', 'one_gate',"),
        ("data.source", "moon", "data.source is moon; choose one of"),
        ("model.num_experts", "0", "model.num_experts is 0; it must be at least 1."),
        ("model.colour", "red", "'model.colour' is not a choice of a run."),
        ("data.rho", "nan", "data.rho is nan; it must be a finite number."),
        ("model.expert_widths", "16,x", "model.expert_widths.1 is x; it must be a whole number."),
        ("model.expert_widths", "1,1,1,1,1,1,1,1,1", "model.expert_widths has length 9; it must have at most 8."),
        ("train.epochs", "2.5", "train.epochs is 2.5; it must be a whole number."),
        ("train.epochs", "9" * 5_000, "train.epochs is a number of too many digits."),
        ("train.learning_rate", "fast", "train.learning_rate is fast; it must be a number."),
        ("train.best_by", "", "train.best_by has length 0; it must have at least 1."),
        ("data.name", "../../etc", "'data.name' is not a choice"),
        ("train", "1", "train is 1, but it holds several choices."),
        ("train.seed.x", "1", "it must be a whole number."),
    ],
)
def test_a_bad_link_is_refused_with_a_sentence(path: str, value: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        from_flat({path: value})
    assert sentence in str(refused.value)


def test_the_memory_of_too_many_experts_follows_their_widths() -> None:
    wide = {"model.kind": "mmoe", "model.num_experts": "1000000", "model.expert_widths": "64,32"}
    numbers = (1 * 64 + 64) + (64 * 32 + 32)
    with pytest.raises(ConfigError, match=rf"only 2,208 numbers each would need {numbers * 16 / 1000:.1f} GB"):
        from_flat(wide)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"train":\n {', "The config is not valid JSON (line 2, column 2)."),
        ('{"train": {"epochs": "3"}}', "train.epochs is 3; it must be a whole number."),
        ('{"train": {"best_by": 3}}', "train.best_by is 3; it must be a text."),
        ('{"model": {"num_experts": 4}}', "model.kind is missing."),
        ('{"data": {"source": "stored"}}', "data.name is missing."),
        ("[]", "config is [], but it holds several choices."),
    ],
)
def test_bad_json_is_refused_in_our_own_words(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        from_json(text)
    assert sentence in str(refused.value)


def test_a_run_s_steps_are_counted_without_torch() -> None:
    train = TrainConfig(batch_size=100, epochs=3)
    assert (steps_per_epoch(train, 201), num_steps(train, 201)) == (3, 9)
    assert num_steps(train.model_copy(update={"max_steps": 7}), 201) == 7


def test_a_dataset_name_is_never_a_path() -> None:
    for name in ("../secret", "/etc/passwd", "a/b", "..", "", "A" * 100):
        with pytest.raises(ConfigError, match="cannot be a dataset's name"):
            from_flat({"data.source": "stored", "data.name": name})


def test_tasks_that_the_dataset_lacks_are_refused() -> None:
    config = RunConfig(data=Census(), train=TrainConfig(task_weights={"income": 2.0}))
    with pytest.raises(
        ConfigError, match=r"train.task_weights names the task 'income', but this dataset has click, purchase"
    ):
        check_tasks(config, SCHEMA)


def test_a_model_beyond_this_machine_is_refused_with_both_figures() -> None:
    model = MMoE(num_experts=256, expert_widths=(4096, 4096))
    with pytest.raises(ConfigError, match=r"would need \d[\d.,]* GB while it trains; this machine has 16\.0 GB free"):
        check_memory(model, TrainConfig(), SCHEMA, available_bytes=16_000_000_000)
    check_memory(MMoE(), TrainConfig(), SCHEMA, available_bytes=16_000_000_000)


def test_changing_the_kind_keeps_common_choices_and_names_the_dropped() -> None:
    mmoe = MMoE(num_experts=5, embedding_size=12, tower_widths={"click": (32,)})
    bottom, dropped = change_kind(mmoe, "shared_bottom")
    assert isinstance(bottom, SharedBottom)
    assert (bottom.embedding_size, bottom.tower("click"), bottom.tower("purchase")) == (12, (32,), (8,))
    assert dropped == ("num_experts",)


def test_the_count_of_a_small_model_by_hand() -> None:
    counted = sizes(MMoE(embedding_size=4, num_experts=3, expert_widths=(5,), default_tower_widths=(2,)), SCHEMA)
    assert counted.input_width == 2 * 4 + 1
    assert counted.embedding == 150 * 4
    assert counted.experts == 3 * (9 * 5 + 5)
    assert counted.gates == 2 * 3 * 9
    assert counted.towers == 2 * ((5 * 2 + 2) + (2 * 1 + 1))


def test_a_column_with_two_roles_is_refused() -> None:
    with pytest.raises(ValidationError, match="column 'click' has two roles"):
        Schema(id_fields=(IdField(name="click", vocabulary_size=4),), tasks=(TaskSpec(name="click"),))
