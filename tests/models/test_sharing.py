"""What tasks share, as the plan says it, against where gradients arrive."""

from __future__ import annotations

import pytest
import torch

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    IdField,
    MMoE,
    ModelConfig,
    MultiLevelMMoE,
    OneGate,
    Schema,
    SharedBottom,
    Single,
    TaskSpec,
)
from mmoe_core.models import build_model

SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=30), IdField(name="item", vocabulary_size=30)),
    tasks=(
        TaskSpec(name="click", label_space="ctr"),
        TaskSpec(name="purchase", label_space="ctcvr"),
        TaskSpec(name="like"),
    ),
)
KINDS = [
    Single(),
    SharedBottom(norm="layer"),
    OneGate(gate_norm="batch"),
    MMoE(tower_widths={"like": (4, 4)}),
    MultiLevelMMoE(num_experts=3),
    CGC(),
    PLE(num_levels=3, norm="batch", gate_norm="batch"),
    ESMM(),
    AITM(),
    AITM(parity="rechub"),
    MMoE(parity="rechub"),
]


@pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind} {getattr(config, 'parity', '')}")
def test_what_is_shared_is_where_gradients_of_several_tasks_arrive(config: ModelConfig) -> None:
    model = build_model(config, SCHEMA, seed=3)
    ids_BF = torch.stack([torch.randint(3, 30, (400,)), torch.randint(33, 60, (400,))], dim=1).int()
    scores_BT = model(ids_BF, torch.empty(400, 0)).scores_BT
    layers = dict(model.named_parameters())
    layers = {name: layer for name, layer in layers.items() if layer.requires_grad}
    arriving = {name: torch.zeros_like(layer, dtype=torch.int64) for name, layer in layers.items()}
    for task in range(3):
        of_task = torch.autograd.grad(
            scores_BT[:, task].square().sum(), list(layers.values()), retain_graph=True, materialize_grads=True
        )
        for name, gradient in zip(layers, of_task, strict=True):
            arriving[name] += gradient != 0
    said = {id(layer): is_shared for layer, is_shared in model.shared_layers()}
    for name, layer in layers.items():
        is_shared = said.get(id(layer), torch.zeros_like(layer, dtype=torch.bool))
        assert is_shared.shape == layer.shape
        assert not ((arriving[name] > 1) & ~is_shared).any(), name
        if is_shared.any():  # dead units and softmaxes over equal experts aside, gradients do arrive there
            assert (arriving[name] > 1)[is_shared].double().mean() > 0.5, name


@pytest.mark.parametrize(
    ("config", "num_shared"),
    [(SharedBottom(), 1), (MMoE(num_experts=5), 5), (CGC(num_shared_experts=3), 3), (PLE(num_shared_experts=2), 2)],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_the_last_shared_layer_is_that_of_the_experts_that_all_hear(config: ModelConfig, num_shared: int) -> None:
    model = build_model(config, SCHEMA, seed=3)
    found = model.last_shared_layer()
    assert found is not None
    layer, is_shared = found
    assert layer is model.experts[-1].weights_MOI[-1]
    assert int(is_shared.flatten(1).all(dim=1).sum()) == num_shared
    assert int(is_shared.flatten(1).any(dim=1).sum()) == num_shared


@pytest.mark.parametrize("config", [ESMM(), AITM(), Single()], ids=lambda config: config.kind)
def test_networks_of_their_own_share_no_last_layer(config: ModelConfig) -> None:
    assert build_model(config, SCHEMA, seed=3).last_shared_layer() is None
