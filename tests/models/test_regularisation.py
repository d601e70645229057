"""Norms, dropout, and what may be done to a gate."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mmoe_core.config import MMoE, OneGate, SharedBottom, ValueField, sizes
from mmoe_core.models import MultiTaskModel, build_model
from mmoe_core.models.norms import BankNorm
from mmoe_core.training import Checkpoint, fit
from tests.models.test_network import SCHEMA, TWO_LAYERS, UNEQUAL_TOWERS, batch
from tests.training.tiny import comparable, tiny_config, tiny_dataset


def network(kind: type = MMoE, **choices: object) -> MultiTaskModel:
    return build_model(kind(expert_widths=TWO_LAYERS, tower_widths=UNEQUAL_TOWERS, **choices), SCHEMA, seed=3)


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("kind", ["layer", "batch"])
def test_each_member_is_normalised_as_torch_would_alone(kind: str, is_training: bool) -> None:
    draw = torch.Generator().manual_seed(1)
    ours = BankNorm(kind, 3, 5)
    theirs = [nn.LayerNorm(5) if kind == "layer" else nn.BatchNorm1d(5) for _ in range(3)]
    for member, norm in enumerate(theirs):
        with torch.no_grad():
            norm.weight.copy_(torch.randn(5, generator=draw))
            norm.bias.copy_(torch.randn(5, generator=draw))
            ours.scales_MO[member], ours.shifts_MO[member] = norm.weight, norm.bias
    x_MBO = torch.randn(3, 40, 5, generator=draw)
    for _ in range(3):  # batch norm remembers
        ours(x_MBO)
        expected = torch.stack([norm(x_BO) for norm, x_BO in zip(theirs, x_MBO, strict=True)])
    ours.train(is_training)
    expected = torch.stack([norm.train(is_training)(x_BO) for norm, x_BO in zip(theirs, x_MBO, strict=True)])
    torch.testing.assert_close(ours(x_MBO), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("norm", ["none", "layer", "batch"])
@pytest.mark.parametrize("kind", [MMoE, OneGate, SharedBottom])
def test_parameters_of_norms_are_counted_and_one_row_can_be_trained_on(kind: type, norm: str) -> None:
    routed = {} if kind is SharedBottom else {"gate_norm": "batch"}
    config = kind(expert_widths=TWO_LAYERS, tower_widths=UNEQUAL_TOWERS, norm=norm, **routed)
    schema = SCHEMA.model_copy(update={"value_fields": (ValueField(name="price"),)})
    model = build_model(config, schema, seed=1)
    assert sum(parameter.numel() for parameter in model.parameters()) == sizes(config, schema).total
    model(*batch(1)).scores_BT.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_temperature_divides_the_logits() -> None:
    plain, sharp = network(), network(gate_temperature=0.25)
    logits_BTE = plain.gates[0](plain.table(*batch()))
    torch.testing.assert_close(sharp(*batch()).gates[0].weights_BRE, (4 * logits_BTE).softmax(dim=2))


@pytest.mark.parametrize("chance", [0.1, 0.5])
def test_gate_dropout_shuts_gates_at_its_rate_in_training_only_and_the_rest_sums_to_1(chance: float) -> None:
    torch.manual_seed(1)
    model = network(num_experts=16, gate_dropout=chance)
    weights_BRE = model(*batch(500)).gates[0].weights_BRE
    torch.testing.assert_close(weights_BRE.sum(dim=2), torch.ones(500, 3))
    assert float((weights_BRE == 0).float().mean()) == pytest.approx(chance, abs=0.03)
    open_BRE = weights_BRE > 0
    whole_BRE = model.eval()(*batch(500)).gates[0].weights_BRE
    assert (whole_BRE > 0).all()
    expected_BRE = whole_BRE * open_BRE / (whole_BRE * open_BRE).sum(dim=2, keepdim=True)
    torch.testing.assert_close(weights_BRE, expected_BRE)


def test_one_gate_is_shut_for_all_tasks_alike() -> None:
    torch.manual_seed(1)
    weights_BRE = network(OneGate, gate_dropout=0.5)(*batch(50)).gates[0].weights_BRE
    assert (weights_BRE == weights_BRE[:, :1]).all()
    assert (weights_BRE == 0).any()


@pytest.mark.parametrize("where", ["expert_dropout", "tower_dropout"])
def test_dropout_thins_in_training_only(where: str) -> None:
    model = network(**{where: 0.5})
    torch.manual_seed(1)
    one, other = (model(*batch(200)).scores_BT for _ in range(2))
    assert not torch.equal(one, other)
    model.eval()
    torch.testing.assert_close(model(*batch(200)).scores_BT, network()(*batch(200)).scores_BT)


def test_a_resumed_run_with_everything_on_is_bit_identical() -> None:
    model = MMoE(
        num_experts=3, norm="batch", expert_dropout=0.2, tower_dropout=0.2, gate_dropout=0.2, gate_norm="batch"
    )
    config = tiny_config(model, schedule="cosine", warmup_steps=4, clip_norm=1.0)
    whole = list(fit(config, tiny_dataset()))
    checkpoint = next(event for event in whole if isinstance(event, Checkpoint) and event.record.epoch == 1)
    torch.manual_seed(99)  # whatever was drawn elsewhere
    resumed = list(fit(config, tiny_dataset(), resume_from=checkpoint.state))
    rest = whole[whole.index(checkpoint) + 1 :]
    assert list(map(comparable, resumed)) == list(map(comparable, rest))


@pytest.mark.parametrize(
    "choice", [{"norm": "layer"}, {"norm": "batch"}, {"gate_dropout": 0.3}, {"gate_temperature": 3}]
)
def test_watching_more_often_changes_no_weight(choice: dict[str, object]) -> None:
    model = MMoE(num_experts=3, **choice)
    rare = list(fit(tiny_config(model, snapshot_every=1000, validate_every=1000), tiny_dataset()))[-1]
    often = list(fit(tiny_config(model, snapshot_every=1, validate_every=1), tiny_dataset()))[-1]
    assert rare.scores_NT.tobytes() == often.scores_NT.tobytes()
