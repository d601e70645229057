"""∂L_k/∂E_i(x) = g_i^k(x) · ∂L_k/∂h^k, against backward passes through the network as it is trained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mmoe_core.analysis.lens import RoutingSaid, RowRouting, RowRoutingSaid
from mmoe_core.analysis.lens.network import Network
from mmoe_core.analysis.lens.routing import measure, routing, row_routing
from mmoe_core.config import AITM, CGC, ESMM, PLE, MMoE, ModelConfig, SharedBottom
from mmoe_core.errors import DatasetError
from mmoe_core.models import row_shares, task_losses
from mmoe_core.models.following import hooked
from tests.analysis.lens.networks import KINDS, SMALL, network

TOLD = pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind}-{config.norm}")
OTHER_WAYS = (ESMM, AITM)  # a loss also passes through another task's mixture


@TOLD
def test_the_identity_holds_for_every_task_expert_and_row(config: ModelConfig) -> None:
    asked = network(config)
    routes = measure(asked, asked.probe)
    num_tasks, num_experts, num_rows, _ = routes.own_TEBH.shape
    assert routes.own_TEBH.dtype == torch.float64
    for task in range(num_tasks):
        for expert in range(num_experts):
            for row in range(num_rows):
                measured_H = routes.own_TEBH[task, expert, row]
                product_H = routes.gates_TBE[task, row, expert] * routes.into_mixture_TBH[task, row]
                assert float((measured_H - product_H).norm()) <= 1e-9 * float(product_H.norm())
    assert float(routes.differences.max()) <= 1e-9
    assert float(routes.own_TEBH.norm()) > 0


@TOLD
def test_what_a_task_cannot_hear_its_loss_does_not_move_at_all(config: ModelConfig) -> None:
    asked = network(config)
    routes, level = measure(asked, asked.probe), asked.model.levels[-1]
    for task, heard in enumerate(level.reach):
        for expert in set(range(len(level.experts))) - set(heard):
            assert (routes.gates_TBE[task, :, expert] == 0).all()
            assert (routes.own_TEBH[task, expert] == 0).all()
            if not isinstance(config, OTHER_WAYS):
                assert (routes.into_experts_TEBH[task, expert] == 0).all()


def test_a_one_hot_gate_sends_nothing_to_the_experts_that_it_does_not_choose() -> None:
    asked = network(MMoE(**SMALL, num_experts=3))
    with hooked(asked.model.gates[-1], _only_the_second):
        routes = measure(asked, asked.probe)
    for expert in range(3):
        is_chosen = expert == 1
        assert bool((routes.gates_TBE[:, :, expert] == 1).all()) == is_chosen
        assert bool((routes.into_experts_TEBH[:, expert] == 0).all()) != is_chosen
    assert (routes.into_experts_TEBH[:, 1] == routes.into_mixture_TBH).all()


def _only_the_second(_module: object, _read: object, logits_BRE: Tensor) -> Tensor:
    shut_BRE = torch.full_like(logits_BRE, -torch.inf)
    shut_BRE[:, :, 1] = 0
    return shut_BRE


@TOLD
def test_measured_through_the_network_that_trains_it_is_the_same_where_experts_are_alive(config: ModelConfig) -> None:
    """The network's own kernel goes back past the experts' ReLU: the same, but for outputs of 0."""
    asked = network(config)
    routes, found = measure(asked, asked.probe), list[Tensor]()
    with hooked(asked.model.experts[-1], lambda _module, _read, z_EBH: found.append(z_EBH)):
        scores_BT = asked.model.score(asked.read(asked.probe.take(slice(None)))).scores_BT
    shares_BT = row_shares(torch.from_numpy(asked.probe.observed_NT))
    losses_T = task_losses(scores_BT, torch.from_numpy(asked.probe.labels_NT), shares_BT)
    for task, loss in enumerate(losses_T):
        into_z_EBH = torch.autograd.grad(loss, found[0], retain_graph=True)[0].double()
        alive_EBH = found[0] > 0
        measured_EBH = torch.where(alive_EBH, routes.into_experts_TEBH[task], 0)
        torch.testing.assert_close(into_z_EBH, measured_EBH, rtol=2e-3, atol=1e-7)


@TOLD
def test_only_a_product_and_a_transfer_let_a_loss_pass_through_other_mixtures(config: ModelConfig) -> None:
    asked = network(config)
    routes = measure(asked, asked.probe)
    elsewhere = (routes.into_experts_TEBH - routes.own_TEBH).norm() / routes.own_TEBH.norm()
    assert (float(elsewhere) > 1e-3) == isinstance(config, OTHER_WAYS)


@TOLD
def test_the_answer_says_the_measured_and_the_row(config: ModelConfig) -> None:
    asked = network(config)
    routes = measure(asked, asked.probe)
    said = routing(asked)
    assert RoutingSaid.model_validate_json(said.model_dump_json()) == said
    assert said.num_rows == len(asked.probe)
    assert (said.tasks, said.experts) == (asked.model.tasks, asked.model.levels[-1].experts)
    np.testing.assert_allclose(np.sum(said.gates_TE, axis=1), 1)
    np.testing.assert_allclose(said.norms_TE, routes.into_experts_TEBH.square().sum(dim=(2, 3)).sqrt())
    assert said.difference <= 1e-9


@TOLD
def test_on_a_row_both_sides_stand_with_their_numbers(config: ModelConfig) -> None:
    asked = network(config)
    said = row_routing(asked, RowRouting(split="validation", row=5))
    assert RowRoutingSaid.model_validate_json(said.model_dump_json()) == said
    assert [row.task for row in said.tasks] == list(asked.model.tasks)
    for row in said.tasks:
        assert row.is_observed
        assert [len(row.routes_E), len(row.mixture_H)] == [len(said.experts), 4]
        for route in row.routes_E:
            assert route.measured_norm == pytest.approx(route.gate * row.mixture_norm, rel=1e-9, abs=0)
            assert route.product_H == pytest.approx([route.gate * into for into in row.mixture_H], rel=1e-9, abs=0)
            assert route.difference <= 1e-9


def test_a_row_without_a_label_has_no_gradient() -> None:
    asked = network(MMoE(**SMALL, num_experts=3))
    asked.dataset.split("validation").observed_NT[5, 1] = False
    click, purchase = row_routing(asked, RowRouting(split="validation", row=5)).tasks
    assert (click.is_observed, purchase.is_observed) == (True, False)
    assert click.mixture_norm > 0
    assert purchase.mixture_norm == 0
    assert {route.difference for route in purchase.routes_E} == {0}


@pytest.mark.parametrize("config", [CGC(**SMALL), PLE(**SMALL), SharedBottom(**SMALL)], ids=lambda config: config.kind)
def test_looking_leaves_the_network_as_it_was(config: ModelConfig) -> None:
    asked = network(config)
    before = {name: tensor.clone() for name, tensor in asked.model.state_dict().items()}
    routing(asked)
    for name, tensor in asked.model.state_dict().items():
        assert tensor.dtype == before[name].dtype
        assert torch.equal(tensor, before[name])


def test_a_row_that_is_not_there_is_refused() -> None:
    asked: Network = network(MMoE(**SMALL))
    with pytest.raises(DatasetError, match="there is no row 5,000"):
        row_routing(asked, RowRouting(split="validation", row=5_000))
