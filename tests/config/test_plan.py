"""Who reads which experts, by kind of architecture."""

from __future__ import annotations

import pytest

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    IdField,
    ModelConfig,
    MultiLevelMMoE,
    OneGate,
    RunConfig,
    Schema,
    SharedBottom,
    Single,
    TaskSpec,
    check_tasks,
    plan,
)
from mmoe_core.errors import ConfigError

CLICK, PURCHASE = TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")
STAY = TaskSpec(name="stay", kind="regression")


def schema(*tasks: TaskSpec) -> Schema:
    return Schema(id_fields=(IdField(name="user", vocabulary_size=5),), tasks=tasks)


@pytest.mark.parametrize(
    ("model", "num_gates"),
    [(Single(), 0), (SharedBottom(), 0), (ESMM(), 0), (AITM(), 0), (OneGate(), 1), (CGC(), 2)],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_gates_are_counted_where_there_is_a_choice(model: ModelConfig, num_gates: int) -> None:
    (level,) = plan(model, ("click", "purchase"))
    assert level.num_gates == num_gates
    assert level.readers == ("click", "purchase")


def test_ple_tells_a_tasks_own_experts_from_the_shared_and_hands_groups_up() -> None:
    first, middle, last = plan(PLE(num_task_experts=1, num_shared_experts=2, num_levels=3), ("a", "b"))
    assert first.experts == ("a 1", "b 1", "shared 1", "shared 2")
    assert first.reach == ((0, 2, 3), (1, 2, 3), (0, 1, 2, 3))
    assert (first.experts_read, first.gates_read) == (None, None)
    assert middle.experts_read == last.experts_read == (0, 1, 2, 2)
    assert (middle.readers, middle.gates_read) == (("a", "b", "shared"), (0, 1, 2))
    assert (last.readers, last.gates_read) == (("a", "b"), (0, 1))
    assert last.reach == first.reach[:2]


def test_on_several_levels_each_expert_reads_its_own_mixture() -> None:
    first, last = plan(MultiLevelMMoE(num_experts=3), ("a", "b"))
    assert (first.readers, first.experts_read) == (("E1", "E2", "E3"), None)
    assert (last.readers, last.experts_read, last.gates_read) == (("a", "b"), (0, 1, 2), None)


@pytest.mark.parametrize(
    ("model", "tasks", "sentence"),
    [
        (ESMM(), (CLICK, STAY), "ESMM multiplies"),
        (ESMM(), (PURCHASE,), "ESMM multiplies"),
        (AITM(), (CLICK,), "AITM hands on"),
        (AITM(), (CLICK, STAY), "AITM hands on"),
    ],
)
def test_a_kind_that_the_tasks_do_not_serve_is_refused(
    model: ModelConfig, tasks: tuple[TaskSpec, ...], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        check_tasks(RunConfig(model=model), schema(*tasks))


@pytest.mark.parametrize("model", [ESMM(), AITM()])
def test_click_and_purchase_serve_every_kind(model: ModelConfig) -> None:
    check_tasks(RunConfig(model=model), schema(CLICK, PURCHASE))
