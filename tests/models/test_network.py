"""The networks against the papers' formulas, written out plainly."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from mmoe_core.config import IdField, MMoE, OneGate, Schema, SharedBottom, TaskSpec, ValueField, sizes
from mmoe_core.models import MultiTaskModel, build_model
from mmoe_core.models.mixing import mix

TASKS = (TaskSpec(name="click"), TaskSpec(name="purchase"), TaskSpec(name="stay", kind="regression"))
SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=11), IdField(name="item", vocabulary_size=17)),
    value_fields=(ValueField(name="price"),),
    tasks=TASKS,
)
TWO_LAYERS = (5, 4)
UNEQUAL_TOWERS = {"click": (3,), "purchase": (6, 2), "stay": (3,)}


def batch(num_rows: int = 12, *, seed: int = 1) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    user = torch.randint(0, 11, (num_rows,), generator=draw)
    item = torch.randint(11, 28, (num_rows,), generator=draw)
    return torch.stack([user, item], dim=1).int(), torch.randn(num_rows, 1, generator=draw)


def mmoe(num_experts: int = 4, **choices: object) -> MultiTaskModel:
    return build_model(
        MMoE(num_experts=num_experts, expert_widths=TWO_LAYERS, tower_widths=UNEQUAL_TOWERS, **choices), SCHEMA, seed=3
    )


def gate_of(model: MultiTaskModel) -> Tensor:
    """The weights of a network's only level of gates."""
    weights_PI: Tensor = model.gates[0].weights_PI
    return weights_PI


def plain(weight_OI: Tensor, bias_O: Tensor, x_BI: Tensor) -> Tensor:
    return x_BI @ weight_OI.T + bias_O


def bank_member(model: torch.nn.Module, member: int, x_BI: Tensor, *, ends_in_relu: bool) -> Tensor:
    layers = list(zip(model.weights_MOI, model.biases_MO, strict=True))
    for number, (weight_MOI, bias_MO) in enumerate(layers):
        x_BI = plain(weight_MOI[member], bias_MO[member], x_BI)
        if ends_in_relu or number < len(layers) - 1:
            x_BI = x_BI.relu()
    return x_BI


def embedded(model: MultiTaskModel, ids_BF: Tensor, dense_BV: Tensor) -> Tensor:
    return torch.cat([model.table.weight[ids_BF.long()].flatten(1), dense_BV], dim=1)


@pytest.mark.parametrize("num_experts", [1, 2, 8])
@pytest.mark.parametrize("kind", [MMoE, OneGate])
def test_every_gate_is_a_distribution(kind: type[MMoE] | type[OneGate], num_experts: int) -> None:
    (level,) = build_model(kind(num_experts=num_experts), SCHEMA, seed=1)(*batch()).gates
    assert level.weights_BRE.shape == (12, 3, num_experts)
    assert (level.weights_BRE >= 0).all()
    torch.testing.assert_close(level.weights_BRE.sum(dim=-1), torch.ones(12, 3))
    assert level.readers == ("click", "purchase", "stay")
    assert level.experts == tuple(f"E{number}" for number in range(1, num_experts + 1))


def test_forward_equals_the_papers_four_lines_with_the_batch_first() -> None:
    model, (ids_BF, dense_BV) = mmoe().double(), batch()
    x_BD = embedded(model, ids_BF, dense_BV.double())
    experts_BEH = torch.stack([bank_member(model.experts[0], i, x_BD, ends_in_relu=True) for i in range(4)], dim=1)
    gates_BTE = (x_BD @ gate_of(model).T).view(12, 3, 4).softmax(dim=-1)
    mixed_BTH = gates_BTE @ experts_BEH
    equal_towers, other_tower = model.towers.banks
    scores_BT = torch.cat(
        [
            bank_member(equal_towers, 0, mixed_BTH[:, 0], ends_in_relu=False),
            bank_member(other_tower, 0, mixed_BTH[:, 1], ends_in_relu=False),
            bank_member(equal_towers, 1, mixed_BTH[:, 2], ends_in_relu=False),
        ],
        dim=1,
    )
    output = model(ids_BF, dense_BV.double())
    torch.testing.assert_close(output.scores_BT, scores_BT, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(output.gates[0].weights_BRE, gates_BTE, rtol=1e-12, atol=1e-12)


def test_renumbering_the_experts_changes_nothing_but_their_order() -> None:
    model, renumbered, order = mmoe().double(), mmoe().double(), [2, 0, 3, 1]
    with torch.no_grad():
        for parameter in renumbered.experts[0].parameters():
            parameter.copy_(parameter[order])
        gate_of(renumbered).copy_(gate_of(renumbered).view(3, 4, -1)[:, order].flatten(0, 1))
    ids_BF, dense_BV = batch()
    before, after = model(ids_BF, dense_BV.double()), renumbered(ids_BF, dense_BV.double())
    torch.testing.assert_close(after.scores_BT, before.scores_BT, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(after.gates[0].weights_BRE, before.gates[0].weights_BRE[..., order])


@pytest.mark.parametrize("kind", [MMoE, OneGate])
def test_one_expert_equals_shared_bottom(kind: type[MMoE] | type[OneGate]) -> None:
    routed = build_model(kind(num_experts=1, expert_widths=TWO_LAYERS), SCHEMA, seed=5)
    bottom = build_model(SharedBottom(expert_widths=TWO_LAYERS), SCHEMA, seed=5)
    torch.testing.assert_close(routed(*batch()).scores_BT, bottom(*batch()).scores_BT, rtol=0, atol=0)
    assert (bottom(*batch()).gates[0].weights_BRE == 1).all()


def test_one_gate_is_mmoe_whose_gates_share_their_weights() -> None:
    one_gate = build_model(OneGate(num_experts=4), SCHEMA, seed=5)
    tied = build_model(MMoE(num_experts=4), SCHEMA, seed=5)
    with torch.no_grad():
        gate_of(tied).copy_(gate_of(one_gate).repeat(3, 1))
    torch.testing.assert_close(one_gate(*batch()).scores_BT, tied(*batch()).scores_BT)
    weights_BRE = one_gate(*batch()).gates[0].weights_BRE
    assert (weights_BRE == weights_BRE[:, :1]).all()


def test_gradient_into_an_expert_is_gate_times_gradient_into_the_mixture() -> None:
    model, (ids_BF, dense_BV) = mmoe().double(), batch()
    x_BD = model.table(ids_BF, dense_BV.double())
    z_BEH = model.experts[0](x_BD).transpose(0, 1).detach().requires_grad_()
    mixed_TBH, gates_BTE = mix(z_BEH, model.gates[0](x_BD).detach())
    for task, row in itertools.product(range(3), range(12)):
        score = model.towers(mixed_TBH)[row, task]
        into_mixture, into_experts = torch.autograd.grad(score, [mixed_TBH, z_BEH], retain_graph=True)
        expected = gates_BTE[row, task, :, None] * into_mixture[task, row] * (z_BEH[row] > 0)
        torch.testing.assert_close(into_experts[row], expected, rtol=1e-9, atol=0)


def test_gradient_of_a_loss_reaches_an_expert_scaled_by_its_gate() -> None:
    """The same law through `forward` itself: with equal experts, each one's gradient is proportional to its gate."""
    model = mmoe().double()
    with torch.no_grad():
        for parameter in model.experts[0].parameters():
            parameter.copy_(parameter[:1].expand_as(parameter))
    ids_BF, dense_BV = batch(1)
    output = model(ids_BF, dense_BV.double())
    output.scores_BT[0, 0].backward()
    bias_gradient_EH = model.experts[0].biases_MO[-1].grad
    assert bias_gradient_EH is not None
    gate_E = output.gates[0].weights_BRE[0, 0]
    torch.testing.assert_close(bias_gradient_EH, gate_E[:, None] * bias_gradient_EH.sum(dim=0), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("kind", [MMoE, OneGate, SharedBottom])
@pytest.mark.parametrize("expert_widths", [(16,), (7, 3), (5, 4, 3)])
@pytest.mark.parametrize("towers", [{}, {"click": (9,)}, UNEQUAL_TOWERS])
@pytest.mark.parametrize("num_experts", [1, 3])
@pytest.mark.parametrize("num_values", [0, 2])
def test_parameter_counts_equal_the_configs_arithmetic(
    kind: type, expert_widths: tuple[int, ...], towers: dict[str, tuple[int, ...]], num_experts: int, num_values: int
) -> None:
    schema = SCHEMA.model_copy(update={"value_fields": tuple(ValueField(name=f"v{i}") for i in range(num_values))})
    routed = {} if kind is SharedBottom else {"num_experts": num_experts}
    config = kind(embedding_size=3, expert_widths=expert_widths, tower_widths=towers, **routed)
    model, expected = build_model(config, schema, seed=1), sizes(config, schema)
    total = sum(parameter.numel() for parameter in model.parameters())
    gates = 0 if kind is SharedBottom else gate_of(model).numel()
    parts = (
        model.table.weight.numel(),
        sum(parameter.numel() for parameter in model.experts[0].parameters()),
        gates,
        sum(parameter.numel() for parameter in model.towers.parameters()),
    )
    assert parts == (expected.embedding, expected.experts, expected.gates, expected.towers)
    assert total == expected.total


def test_a_table_without_id_fields_reads_its_values_alone() -> None:
    schema = Schema(id_fields=(), value_fields=(ValueField(name="price"),), tasks=TASKS)
    output = build_model(MMoE(), schema, seed=1)(torch.empty(5, 0, dtype=torch.int32), torch.ones(5, 1))
    assert output.scores_BT.shape == (5, 3)


def test_equal_seeds_draw_equal_weights_and_other_seeds_others() -> None:
    def weights(seed: int) -> Tensor:
        return torch.cat([parameter.flatten() for parameter in build_model(MMoE(), SCHEMA, seed=seed).parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_kinds_of_one_seed_start_from_the_same_embeddings_experts_and_towers() -> None:
    gated = {"gates.0.weights_PI"}
    one, many = (build_model(kind(num_experts=4), SCHEMA, seed=9).state_dict() for kind in (OneGate, MMoE))
    assert one.keys() == many.keys()
    assert all(torch.equal(one[name], many[name]) for name in one.keys() - gated)


def test_experts_start_apart() -> None:
    weights_EHD = build_model(MMoE(), SCHEMA, seed=1).experts[0].weights_MOI[0]
    cosines = functional.cosine_similarity(weights_EHD.flatten(1)[:, None], weights_EHD.flatten(1)[None], dim=-1)
    assert (cosines - torch.eye(8)).abs().max() < 0.5


def test_gates_start_near_uniform_but_not_constant_over_the_rows() -> None:
    fields = tuple(IdField(name=f"f{i}", vocabulary_size=50) for i in range(12))
    schema = Schema(id_fields=fields, tasks=TASKS)
    draw = torch.Generator().manual_seed(2)
    ids_BF = torch.stack([offset + torch.randint(0, 50, (500,), generator=draw) for offset in schema.offsets], dim=1)
    output = build_model(MMoE(), schema, seed=1)(ids_BF, torch.empty(500, 0))
    weights_BRE = output.gates[0].weights_BRE.detach()
    assert (weights_BRE.mean(dim=0) - 1 / 8).abs().max() < 0.05
    assert 0.02 < weights_BRE.std(dim=0).mean() < 0.06


def test_the_input_is_where_the_loss_arrives_and_the_table_has_no_gradient() -> None:
    model = mmoe()
    model(*batch()).scores_BT.sum().backward()
    assert model.table.weight.grad is None
    assert model.x_BD is not None
    assert model.x_BD.grad is not None
    assert model.x_BD.grad.shape == (12, sizes(MMoE(), SCHEMA).input_width)


@pytest.mark.parametrize("kind", [MMoE, OneGate, SharedBottom])
def test_it_moves_to_another_device_whole(kind: type) -> None:
    """The device without memory says where every number would be."""
    model = build_model(kind(), SCHEMA, seed=1).to("meta")
    output = model(*(part.to("meta") for part in batch()))
    output.scores_BT.sum().backward()
    assert output.scores_BT.device.type == "meta"
    assert output.scores_BT.shape == (12, 3)
    assert output.gates[0].weights_BRE.shape == (12, 3, 1 if kind is SharedBottom else 8)
    assert all(parameter.grad is not None for parameter in model.parameters() if parameter.requires_grad)
