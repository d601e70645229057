"""Every kind of network: who may hear whom, what it counts, and the papers' formulas written out plainly."""

from __future__ import annotations

import itertools
import math
from typing import Any

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
    plan,
    sizes,
)
from mmoe_core.models import MultiTaskModel, build_model
from tests.models.test_network import bank_member, batch, embedded

CLICK, PURCHASE = TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")
SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=11), IdField(name="item", vocabulary_size=17)),
    value_fields=(ValueField(name="price"),),
    tasks=(CLICK, PURCHASE, TaskSpec(name="share")),
)
WIDTHS: dict[str, Any] = {"embedding_size": 3, "expert_widths": (5, 4), "default_tower_widths": (6,)}
KINDS: list[ModelConfig] = [
    Single(**WIDTHS),
    SharedBottom(**WIDTHS),
    OneGate(num_experts=4, **WIDTHS),
    MMoE(num_experts=4, **WIDTHS),
    MultiLevelMMoE(num_experts=3, num_levels=3, **WIDTHS),
    CGC(num_task_experts=2, num_shared_experts=3, **WIDTHS),
    PLE(num_task_experts=1, num_shared_experts=2, num_levels=3, **WIDTHS),
    ESMM(**WIDTHS),
    AITM(**WIDTHS),
]
every_kind = pytest.mark.parametrize("config", KINDS, ids=lambda config: config.kind)


def network(config: ModelConfig) -> tuple[MultiTaskModel, Tensor, Tensor]:
    """In double precision, with what it reads and that embedded."""
    model, (ids_BF, dense_BV) = build_model(config, SCHEMA, seed=3).double(), batch()
    return model, ids_BF, dense_BV.double()


def experts_of(model: MultiTaskModel, level: int, inputs: Tensor | list[Tensor]) -> Tensor:
    """E_i(x) of a level, (B, E, H): of one input for all, or one for each."""
    bank, count = model.experts[level], len(model.levels[level].experts)
    return torch.stack(
        [
            bank_member(bank, i, inputs[i] if isinstance(inputs, list) else inputs, ends_in_relu=True)
            for i in range(count)
        ],
        dim=1,
    )


def towers_of(model: MultiTaskModel, mixed: list[Tensor]) -> Tensor:
    """Scores (B, T) of equal towers."""
    (bank,) = model.towers.banks
    return torch.cat([bank_member(bank, k, mixed_BH, ends_in_relu=False) for k, mixed_BH in enumerate(mixed)], dim=1)


def same(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@every_kind
def test_gates_are_distributions_over_what_a_reader_may_hear(config: ModelConfig) -> None:
    output = build_model(config, SCHEMA, seed=1)(*batch())
    assert output.scores_BT.shape == (12, 3)
    assert output.gates[-1].readers == ("click", "purchase", "share")
    for level, planned in zip(output.gates, plan(config, SCHEMA.task_names), strict=True):
        assert (level.readers, level.experts) == (planned.readers, planned.experts)
        assert level.weights_BRE.shape == (12, len(level.readers), len(level.experts))
        torch.testing.assert_close(level.weights_BRE.sum(dim=2), torch.ones(12, len(level.readers)))
        if config.kind != "aitm":
            for reader, heard in enumerate(planned.reach):
                closed = [expert for expert in range(len(level.experts)) if expert not in heard]
                assert (level.weights_BRE[:, reader, closed] == 0).all()
                assert (level.weights_BRE[:, reader, list(heard)] > 0).all()


@every_kind
@pytest.mark.parametrize("norm", ["none", "layer", "batch", "parity"])
def test_the_configs_arithmetic_counts_every_parameter(config: ModelConfig, norm: str) -> None:
    changes = {"norm": norm, **({"gate_norm": "batch"} if hasattr(config, "gate_norm") else {})}
    if norm == "parity":
        changes = {"parity": "rechub"} if hasattr(config, "parity") else {}
    config = config.model_copy(update=changes)
    model, counted = build_model(config, SCHEMA, seed=1), sizes(config, SCHEMA)
    numbers = {name: parameter.numel() for name, parameter in model.named_parameters()}
    assert sum(numbers.values()) == counted.total
    assert sum(count for name, count in numbers.items() if name.startswith("towers")) == counted.towers
    assert sum(count for name, count in numbers.items() if name.startswith("experts")) == counted.experts
    assert numbers["table.weight"] == counted.embedding


@every_kind
def test_every_network_moves_to_another_device_whole_and_every_layer_learns(config: ModelConfig) -> None:
    model = build_model(config, SCHEMA, seed=1).to("meta")
    output = model(*(part.to("meta") for part in batch()))
    (output.scores_BT.sum() + sum(loss.sum() for loss in output.extra_losses)).backward()
    assert output.scores_BT.device.type == "meta"
    assert all(parameter.grad is not None for parameter in model.parameters() if parameter.requires_grad)


@every_kind
def test_gradients_through_the_compiled_mixture_are_those_of_finite_differences(config: ModelConfig) -> None:
    model, ids_BF, dense_BV = network(config)
    x_BD = model.table(ids_BF[:2], dense_BV[:2]).detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda x_BD: model.score(x_BD).scores_BT, (x_BD,), eps=1e-7, atol=1e-5)


def test_cgc_mixes_a_tasks_own_experts_and_the_shared_ones() -> None:
    """Tang et al. 2020, equations 4 to 6: the gate of a task is as wide as what it hears."""
    config = CGC(num_task_experts=2, num_shared_experts=3, **WIDTHS)
    model, ids_BF, dense_BV = network(config)
    x_BD = embedded(model, ids_BF, dense_BV)
    experts_BEH = experts_of(model, 0, x_BD)
    gates = model.gates[0].weights_PI.split(5)
    mixed = []
    for task, weights_PI in enumerate(gates):
        heard_BEH = torch.cat([experts_BEH[:, 2 * task : 2 * task + 2], experts_BEH[:, 6:]], dim=1)
        mixed.append(((x_BD @ weights_PI.T).softmax(dim=1)[:, None] @ heard_BEH).squeeze(1))
    same(model(ids_BF, dense_BV).scores_BT, towers_of(model, mixed))
    assert model.levels[0].experts == (
        "click 1", "click 2", "purchase 1", "purchase 2", "share 1", "share 2", "shared 1", "shared 2", "shared 3",
    )  # fmt: skip


def test_ple_feeds_each_group_of_experts_with_its_own_mixture_of_the_level_below() -> None:
    """Tang et al. 2020, equations 7 and 8: above the first level a gate sees its own mixture; the shared hears all."""
    config = PLE(num_task_experts=1, num_shared_experts=2, num_levels=2, **WIDTHS)
    model, ids_BF, dense_BV = network(config)
    x_BD = embedded(model, ids_BF, dense_BV)

    def level(number: int, inputs: list[Tensor], num_readers: int) -> list[Tensor]:
        group_of_expert = [0, 1, 2, 3, 3]
        experts_BEH = experts_of(model, number, [inputs[group] for group in group_of_expert])
        heard = [[0, 3, 4], [1, 3, 4], [2, 3, 4], [0, 1, 2, 3, 4]][:num_readers]
        gates = model.gates[number].weights_PI.split([len(places) for places in heard])
        return [
            ((inputs[reader] @ gates[reader].T).softmax(dim=1)[:, None] @ experts_BEH[:, places]).squeeze(1)
            for reader, places in enumerate(heard)
        ]

    mixed = level(1, level(0, [x_BD] * 4, num_readers=4), num_readers=3)
    same(model(ids_BF, dense_BV).scores_BT, towers_of(model, mixed))


def test_on_several_levels_each_expert_has_a_gate_over_those_below() -> None:
    config = MultiLevelMMoE(num_experts=3, num_levels=2, **WIDTHS)
    model, ids_BF, dense_BV = network(config)
    x_BD = embedded(model, ids_BF, dense_BV)
    inputs: Tensor | list[Tensor] = x_BD
    for number, num_readers in enumerate((3, 3)):
        experts_BEH = experts_of(model, number, inputs)
        gates_BRE = (x_BD @ model.gates[number].weights_PI.T).view(12, num_readers, 3).softmax(dim=2)
        inputs = list((gates_BRE @ experts_BEH).unbind(1))
    same(model(ids_BF, dense_BV).scores_BT, towers_of(model, inputs))


def test_single_task_networks_share_nothing() -> None:
    model, ids_BF, dense_BV = network(Single(**WIDTHS))
    embedding_FTS = model.table.weight[ids_BF.long()].view(12, 2, 3, 3)
    mixed = []
    for task in range(3):
        x_BD = torch.cat([embedding_FTS[:, :, task].flatten(1), dense_BV], dim=1)
        mixed.append(bank_member(model.experts[0], task, x_BD, ends_in_relu=True))
    output = model(ids_BF, dense_BV)
    same(output.scores_BT, towers_of(model, mixed))
    assert model.x_BD is not None
    for task, other in itertools.permutations(range(3), 2):
        into_x_BD, *into_layers = torch.autograd.grad(
            output.scores_BT[:, task].sum(), [model.x_BD, *model.experts.parameters()], retain_graph=True
        )
        assert (into_x_BD[:, :18].view(12, 2, 3, 3)[:, :, other] == 0).all()
        assert all((into[other] == 0).all() for into in into_layers)


def test_esmm_multiplies_click_and_conversion_over_all_impressions() -> None:
    model, ids_BF, dense_BV = network(ESMM(**WIDTHS))
    x_BD = embedded(model, ids_BF, dense_BV)
    towers_BT = towers_of(model, [bank_member(model.experts[0], k, x_BD, ends_in_relu=True) for k in range(3)])
    p_BT = model(ids_BF, dense_BV).scores_BT.sigmoid()
    same(p_BT[:, 0], towers_BT[:, 0].sigmoid())
    same(p_BT[:, 1], towers_BT[:, 0].sigmoid() * towers_BT[:, 1].sigmoid())
    same(p_BT[:, 2], towers_BT[:, 2].sigmoid())


@pytest.mark.parametrize(
    ("click", "conversion", "expected"),
    [(-90.0, -90.0, -180.0), (90.0, 90.0, 90 - math.log(2)), (90.0, -90.0, -90.0), (0.0, 0.0, -math.log(3))],
)
def test_esmms_product_keeps_its_digits_and_its_gradient_where_chances_are_extreme(
    click: float, conversion: float, expected: float
) -> None:
    model = build_model(ESMM(**WIDTHS), SCHEMA, seed=1)
    towers_BT = torch.tensor([[click, conversion, 0.0]], requires_grad=True)
    logit = model.head(towers_BT)[0, 1]
    assert float(logit.detach()) == pytest.approx(expected, rel=1e-6)
    logit.backward()
    assert towers_BT.grad is not None
    assert towers_BT.grad.isfinite().all()


def test_aitm_attends_to_what_is_handed_on_and_to_its_own_finding() -> None:
    """Xi et al. 2021, equations 4 to 7."""
    model, ids_BF, dense_BV = network(AITM(**WIDTHS))
    x_BD = embedded(model, ids_BF, dense_BV)
    own = [bank_member(model.experts[0], k, x_BD, ends_in_relu=True) for k in range(3)]
    transfer, read, gates_BTT = model.transfer, [own[0]], torch.zeros(12, 3, 3).double()
    gates_BTT[:, 0, 0] = 1
    for place in (1, 2):
        weight_HH, bias_H = transfer.hand_on_NHH[place - 1], transfer.biases_NH[place - 1]
        told = [(read[-1] @ weight_HH.T + bias_H).relu(), own[place]]
        query, key, value = (part[place - 1] for part in (transfer.queries_NHH, transfer.keys_NHH, transfer.values_NHH))
        strengths = [((u_BH @ query.T) * (u_BH @ key.T)).sum(dim=1) / 4**0.5 for u_BH in told]
        shares_BU = torch.stack(strengths, dim=1).softmax(dim=1)
        read.append(sum(shares_BU[:, u, None] * (u_BH @ value.T) for u, u_BH in enumerate(told)))
        gates_BTT[:, place, place - 1], gates_BTT[:, place, place] = shares_BU[:, 0], shares_BU[:, 1]
    output = model(ids_BF, dense_BV)
    same(output.scores_BT, towers_of(model, read))
    same(output.gates[0].weights_BRE, gates_BTT)


def test_aitm_wants_no_purchase_likelier_than_its_click() -> None:
    model, ids_BF, dense_BV = network(AITM(constraint=0.5, **WIDTHS))
    output = model(ids_BF, dense_BV)
    (excess_B,) = output.extra_losses
    p_BT = output.scores_BT.sigmoid()
    same(excess_B, 0.5 * (p_BT[:, 1] - p_BT[:, 0]).clamp(min=0))
    unrelated = SCHEMA.model_copy(update={"tasks": (TaskSpec(name="income"), TaskSpec(name="married"))})
    assert build_model(AITM(**WIDTHS), unrelated, seed=1)(*batch()).extra_losses == ()


@pytest.mark.parametrize(
    ("kind", "others"), [(CGC, {"num_task_experts": 2, "num_shared_experts": 3}), (PLE, {"num_levels": 2})]
)
def test_gate_dropout_shuts_only_what_was_open_and_never_all(kind: type, others: dict[str, int]) -> None:
    model = build_model(kind(gate_dropout=0.6, **others, **WIDTHS), SCHEMA, seed=1)
    torch.manual_seed(1)
    for level, planned in zip(model(*batch(500)).gates, model.levels, strict=True):
        torch.testing.assert_close(level.weights_BRE.sum(dim=2), torch.ones(500, len(level.readers)))
        for reader, heard in enumerate(planned.reach):
            shut = (level.weights_BRE[:, reader, list(heard)] == 0).double().mean()
            assert 0.4 < shut < 0.65
