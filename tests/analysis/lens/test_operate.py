"""What operations on gates must leave exactly as it was, what they equal, and what they are refused for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mmoe_core.analysis.lens import Operate, Operated
from mmoe_core.analysis.lens.answering import answer
from mmoe_core.analysis.lens.network import Network
from mmoe_core.analysis.lens.operate import scored
from mmoe_core.config import CGC, Gated, MMoE, ModelConfig, OneGate
from mmoe_core.errors import ConfigError
from mmoe_core.metrics import auc, auc_difference
from mmoe_core.models.following import hooked
from tests.analysis.lens.networks import KINDS, SMALL, network

GATED = pytest.mark.parametrize(
    "config", [kind for kind in KINDS if isinstance(kind, Gated)], ids=lambda config: f"{config.kind}-{config.norm}"
)
MMOE = MMoE(**SMALL, num_experts=3)
HOT = 1e9  # logits over it differ by less than float32 can tell from 1


def asked(of: Network, **operations: Any) -> Operated:
    found = answer(of, Operate(**operations))
    assert isinstance(found, Operated)
    return found


def after(found: Operated) -> tuple[object, ...]:
    """All that there is to see once operated on."""
    return found.after_RE, tuple(task.after for task in found.tasks)


def is_untouched(found: Operated) -> bool:
    zero = [one.difference == one.low == one.high == 0 for task in found.tasks for one in (task.loss, task.quality)]
    return found.before_RE == found.after_RE and all(task.before == task.after for task in found.tasks) and all(zero)


@GATED
def test_no_operation_and_temperature_1_are_the_network_bit_for_bit(config: ModelConfig) -> None:
    assert is_untouched(asked(network(config)))


@GATED
def test_a_temperature_without_end_is_a_uniform_gate(config: ModelConfig) -> None:
    of = network(config)
    uniform = asked(of, force="uniform")
    assert after(asked(of, temperature=HOT)) == after(uniform)
    for reader_E, heard in zip(uniform.after_RE, of.model.levels[-1].reach, strict=True):
        assert [reader_E[expert] for expert in heard] == pytest.approx([1 / len(heard)] * len(heard))


@GATED
def test_a_temperature_near_0_is_the_top_expert_of_each_row(config: ModelConfig) -> None:
    of = network(config)
    cold, top = asked(of, temperature=1e-3), asked(of, force="top")
    np.testing.assert_allclose(cold.after_RE, top.after_RE, atol=0.05)  # of rows that cannot decide


@GATED
def test_what_is_left_keeps_its_proportions(config: ModelConfig) -> None:
    of = network(config)
    plan, split = of.model.levels[-1], of.held_out
    silent = plan.experts[-1]
    rows = split.take(slice(0, len(split)))
    with torch.no_grad():
        weights_BRE = of.model.score(of.read(rows)).gates[-1].weights_BRE.numpy().astype(np.float64)
    weights_BRE[:, :, -1] = 0
    expected_RE = (weights_BRE / weights_BRE.sum(axis=2, keepdims=True)).mean(axis=0)
    np.testing.assert_allclose(asked(of, silent=(silent,)).after_RE, expected_RE, atol=1e-5)


def test_swapping_equal_gates_changes_nothing_and_others_change_who_hears_whom() -> None:
    of = network(MMOE)
    swapped = asked(of, swapped=("click", "purchase"))
    assert swapped.after_RE == swapped.before_RE[::-1]
    assert swapped.tasks[0].after != swapped.tasks[0].before
    with torch.no_grad():
        weights_PI = of.model.gates[-1].weights_PI
        weights_PI[3:] = weights_PI[:3]
    assert is_untouched(asked(of, swapped=("click", "purchase")))


def test_knocking_out_who_has_no_weight_changes_nothing() -> None:
    of = network(MMOE)

    def unheard(_module: object, _read: object, logits_BRE: torch.Tensor) -> torch.Tensor:
        return logits_BRE - torch.tensor([0, 0, 1e4])

    with hooked(of.model.gates[-1], unheard):
        found = asked(of, silent=("E3",))
        assert [reader_E[2] for reader_E in found.before_RE] == [0, 0]
        assert is_untouched(found)


def test_one_reader_alone_leaves_the_other_task_as_it_was() -> None:
    found = asked(network(MMOE), silent=("E1",), temperature=3, reader="purchase")
    assert found.tasks[0].before == found.tasks[0].after
    assert found.tasks[1].before != found.tasks[1].after
    assert found.before_RE[0] == found.after_RE[0]


def test_operations_come_in_their_order() -> None:
    of = network(MMOE)
    best = asked(of, silent=("E1",), force="top").after_RE
    assert [reader_E[0] for reader_E in best] == [0, 0]
    assert asked(of, force="one", only="E2", temperature=HOT).after_RE == ((0, 1, 0), (0, 1, 0))
    both = asked(of, swapped=("click", "purchase"), silent=("E1",), reader="click")
    assert both.after_RE[0][0] == 0
    assert both.after_RE[1] == both.before_RE[0]


def test_differences_are_those_of_the_scores_on_test() -> None:
    of = network(MMOE)
    found = asked(of, force="uniform")
    split = of.dataset.split("test")
    assert (found.rows, found.of_rows) == (len(split), len(split))
    before_NT, _ = scored(of, split, 0)
    with hooked(of.model.gates[0], lambda _module, _read, logits_BRE: torch.zeros_like(logits_BRE)):
        after_NT, _ = scored(of, split, 0)
    for k, task in enumerate(found.tasks):
        labels_N = split.labels_NT[:, k]
        assert task.after.auc == pytest.approx(auc(labels_N, after_NT[:, k]))
        paired = auc_difference(labels_N, after_NT[:, k], [before_NT[:, k]])
        assert (task.quality.difference, task.quality.low) == pytest.approx((paired.difference, paired.low))
        losses = [np.log1p(np.exp(scores_NT[:, k])) - labels_N * scores_NT[:, k] for scores_NT in (after_NT, before_NT)]
        assert task.loss.difference == pytest.approx(np.mean(losses[0] - losses[1]))
        assert task.before.positives == int(labels_N.sum())


def test_every_level_can_be_operated_on() -> None:
    for config in KINDS:
        of = network(config)
        for place, level in enumerate(of.model.levels if isinstance(config, Gated) else ()):
            found = asked(of, level=place, force="uniform")
            assert (found.readers, found.experts) == (level.readers, level.experts)
            assert found.tasks[0].before != found.tasks[0].after


@pytest.mark.parametrize(
    ("config", "operations", "named"),
    [
        *((kind, {}, "nothing to operate on") for kind in KINDS if not isinstance(kind, Gated)),
        (OneGate(**SMALL, num_experts=3), {"swapped": ("click", "purchase")}, "nothing to swap"),
        (MMOE, {"silent": ("E1", "E2", "E3")}, "click would hear no expert"),
        (MMOE, {"silent": ("E1",), "force": "one", "only": "E1"}, "click would hear no expert"),
        (CGC(**SMALL), {"force": "one", "only": "click 1"}, "purchase would hear no expert"),
        (MMOE, {"silent": ("E9",)}, "knows no 'E9'"),
        (MMOE, {"reader": "like"}, "knows no 'like'"),
        (MMOE, {"level": 1}, "no level 1"),
        (MMOE, {"force": "one"}, "name it"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(config: ModelConfig, operations: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        answer(network(config), Operate(**operations))
