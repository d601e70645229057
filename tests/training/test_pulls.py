"""What the tasks' losses want of each group of numbers, against one plain backward pass per task."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch
from torch import Tensor

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
    ValueField,
)
from mmoe_core.models import MultiTaskModel, build_model, row_shares, task_losses
from mmoe_core.records import Pulls
from mmoe_core.training.gradients import WatchedPulls

SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=12), IdField(name="item", vocabulary_size=20)),
    value_fields=(ValueField(name="price"),),
    tasks=(
        TaskSpec(name="click", label_space="ctr"),
        TaskSpec(name="purchase", label_space="ctcvr"),
        TaskSpec(name="like"),
    ),
)
SIZES = {"embedding_size": 3, "expert_widths": (5, 4)}
KINDS: list[ModelConfig] = [
    Single(**SIZES),
    SharedBottom(**SIZES, norm="layer"),
    OneGate(**SIZES, num_experts=3),
    MMoE(**SIZES, num_experts=3, norm="batch"),
    MultiLevelMMoE(**SIZES, num_experts=3),
    CGC(**SIZES),
    PLE(**SIZES, num_levels=2),
    ESMM(**SIZES),
    AITM(**SIZES),
]
every_kind = pytest.mark.parametrize("config", KINDS, ids=lambda config: config.kind)


def weighted_losses(model: MultiTaskModel, weights: tuple[float, ...] = (1.0, 5.0, 0.5)) -> Tensor:
    draw = torch.Generator().manual_seed(5)
    ids = [torch.randint(3, 12, (60,), generator=draw), torch.randint(15, 32, (60,), generator=draw)]
    labels_BT = (torch.rand(60, 3, generator=draw) < 0.4).float()
    scores_BT = model(torch.stack(ids, dim=1).int(), torch.rand(60, 1, generator=draw)).scores_BT
    shares_BT = row_shares(torch.rand(60, 3, generator=draw) < 0.8)
    return task_losses(scores_BT, labels_BT, shares_BT) * torch.tensor(weights)


def gradient(loss: Tensor, parts: list[tuple[Tensor, object]]) -> Tensor:
    """Into the chosen places of some tensors, one after the other."""
    tensors = [tensor for tensor, _ in parts]
    found = torch.autograd.grad(loss, tensors, retain_graph=True, materialize_grads=True)
    return torch.cat([of[place].double().flatten() for of, (_, place) in zip(found, parts, strict=True)])


def assert_pulls(said: Pulls, by_task: list[Tensor]) -> None:
    assert said.norms_T == pytest.approx([float(vector.norm()) for vector in by_task], rel=1e-4, abs=1e-12)
    for cosine, (one, other) in zip(said.cosines_P, combinations(by_task, 2), strict=True):
        if one.norm() * other.norm() == 0:
            assert cosine is None
        else:
            assert cosine == pytest.approx(float(torch.cosine_similarity(one, other, dim=0)), abs=1e-4)


@every_kind
def test_each_group_s_norms_and_cosines_are_those_of_plain_backward_passes(config: ModelConfig) -> None:
    model = build_model(config, SCHEMA, seed=2)
    losses_T = weighted_losses(model)
    said = WatchedPulls(losses_T, model).snapshot(7)
    assert (said.step, said.tasks) == (7, SCHEMA.task_names)
    assert model.x_BD is not None
    read = (model.x_BD, (slice(None), slice(0, model.table.num_columns)))
    assert_pulls(said.embeddings, [gradient(loss, [read]) for loss in losses_T])
    for level, bank, plan in zip(said.levels, model.experts, model.levels, strict=True):
        assert level.experts == plan.experts
        for place, pulls in enumerate(level.pulls_E):
            own = [(layer, place) for layer in bank.parameters()]
            assert_pulls(pulls, [gradient(loss, own) for loss in losses_T])
    shared = [read, *model.shared_layers()]
    assert_pulls(said.shared, [gradient(loss, shared) for loss in losses_T])


@every_kind
def test_what_a_step_says_is_said_of_all_that_is_shared(config: ModelConfig) -> None:
    model = build_model(config, SCHEMA, seed=2)
    pulls = WatchedPulls(weighted_losses(model), model)
    said = pulls.snapshot(1).shared
    assert pulls.norms == pytest.approx(said.norms_T, rel=1e-5)
    assert pulls.cosine == pytest.approx(said.cosines_P[0], abs=1e-6)


def test_no_loss_moves_an_expert_that_its_task_cannot_hear() -> None:
    model = build_model(CGC(**SIZES), SCHEMA, seed=2)
    (level,) = WatchedPulls(weighted_losses(model), model).snapshot(1).levels
    for expert, pulls in zip(level.experts, level.pulls_E, strict=True):
        for task, norm in zip(SCHEMA.task_names, pulls.norms_T, strict=True):
            assert (norm > 0) == (expert.split()[0] in (task, "shared")), (expert, task)


def test_the_cosine_with_a_task_of_weight_0_is_undefined() -> None:
    model = build_model(MMoE(**SIZES), SCHEMA, seed=2)
    pulls = WatchedPulls(weighted_losses(model, (1.0, 0.0, 2.0)), model)
    assert pulls.norms[1] == 0
    assert pulls.cosine is None
    assert [cosine is None for cosine in pulls.snapshot(1).shared.cosines_P] == [True, False, True]


def test_one_task_alone_has_nobody_to_disagree_with() -> None:
    schema = SCHEMA.model_copy(update={"tasks": SCHEMA.tasks[:1]})
    model = build_model(MMoE(**SIZES), schema, seed=2)
    score_B = model(torch.tensor([[3, 15]], dtype=torch.int32), torch.ones(1, 1)).scores_BT[:, 0]
    pulls = WatchedPulls(score_B, model)
    assert pulls.cosine is None
    assert pulls.snapshot(1).embeddings.cosines_P == ()
