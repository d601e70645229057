"""Losses and their gradients, one real step each."""

from __future__ import annotations

import math

import pytest
import torch

from mmoe_core.config import AITM, ESMM, IdField, MMoE, RunConfig, Schema, Static, TaskSpec, TrainConfig
from mmoe_core.models import MultiTaskModel, build_model, row_shares, task_losses
from mmoe_core.training import build_balancer
from mmoe_core.training.gradients import WatchedPulls

TWO_TASKS = (TaskSpec(name="click"), TaskSpec(name="purchase"))
SCHEMA = Schema(id_fields=(IdField(name="item", vocabulary_size=20),), tasks=TWO_TASKS)


def network() -> MultiTaskModel:
    return build_model(MMoE(num_experts=2, embedding_size=2, expert_widths=(3,)), SCHEMA, seed=1)


def losses(model: MultiTaskModel, ids: list[int]) -> torch.Tensor:
    labels = torch.arange(2 * len(ids)).view(-1, 2) % 3 == 0
    scores = model(torch.tensor(ids, dtype=torch.int32)[:, None], torch.empty(len(ids), 0)).scores_BT
    return task_losses(scores, labels.float(), row_shares(torch.ones(len(ids), 2, dtype=torch.bool)))


def test_a_loss_is_the_mean_over_the_observed_rows() -> None:
    scores = torch.tensor([[0.0, 0.0], [2.0, 50.0], [-1.0, 3.0]])
    labels = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    observed = torch.tensor([[True, True], [True, False], [True, True]])
    click = (math.log(2) + math.log1p(math.exp(2)) + math.log1p(math.exp(1))) / 3
    purchase = (math.log(2) + math.log1p(math.exp(-3))) / 2
    assert task_losses(scores, labels, row_shares(observed)).tolist() == pytest.approx([click, purchase])


def test_an_unobserved_row_has_no_influence_whatever_is_scored_there() -> None:
    scores = torch.tensor([[1.0, 1.0], [1e30, 1e15]], requires_grad=True)
    observed = torch.tensor([[True, True], [False, False]])
    found = task_losses(scores, torch.tensor([[1.0, 1.0], [0.0, 0.0]]), row_shares(observed), [1])
    found.sum().backward()
    assert found.tolist() == pytest.approx([math.log1p(math.exp(-1)), 0.0])
    assert scores.grad is not None
    assert scores.grad[1].tolist() == [0, 0]


def test_a_task_without_an_observed_row_loses_nothing() -> None:
    shares = row_shares(torch.zeros(4, 1, dtype=torch.bool))
    assert task_losses(torch.ones(4, 1), torch.ones(4, 1), shares).tolist() == [0]


def test_a_regression_loses_its_squared_error() -> None:
    scores, labels = torch.tensor([[3.0, 0.0], [-1.0, 0.0]]), torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    found = task_losses(scores, labels, row_shares(torch.ones(2, 2, dtype=torch.bool)), [0])
    assert found.tolist() == pytest.approx([2.5, math.log(2)])


def test_large_gradients_have_a_norm_while_they_are_numbers() -> None:
    model = network()
    plain, scaled = (WatchedPulls(losses(model, [1, 2]) * scale, model) for scale in (1.0, 1e25))
    assert [norm * 1e-25 for norm in scaled.norms] == pytest.approx(plain.norms)
    assert scaled.cosine == pytest.approx(plain.cosine)


def test_static_weights_back_propagate_the_plain_sum() -> None:
    model = network()
    weighted_T = losses(model, [1, 2, 3]) * torch.tensor([1.0, 5.0])
    expected = torch.autograd.grad(weighted_T[0] + weighted_T[1], model.gates[0].weights_PI, retain_graph=True)[0]
    config = RunConfig(train=TrainConfig(balancing=Static()))
    build_balancer(config, SCHEMA).backward(weighted_T, model)
    torch.testing.assert_close(model.gates[0].weights_PI.grad, expected)


@pytest.mark.parametrize(("kind", "share"), [(MMoE, 0.5), (AITM, 0.5), (ESMM, 1.0)])
def test_in_parity_losses_join_as_torch_rechub_joins_them(kind: type, share: float) -> None:
    config = RunConfig(model=kind(parity="rechub"))
    losses_T = torch.tensor([0.3, 0.9], requires_grad=True)
    build_balancer(config, SCHEMA).backward(losses_T * 1.0, network())
    assert losses_T.grad is not None
    assert losses_T.grad.tolist() == [share, share]
