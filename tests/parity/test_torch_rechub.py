"""torch-rechub's networks and ours, weights copied: equal outputs, gradients and memories, in double precision.

What is not compared, since it is different on purpose: rows of the table that a batch did not read (`config.parity`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_rechub.basic.features import DenseFeature, SparseFeature
from torch_rechub.models import multi_task as theirs

from mmoe_core.config import AITM, CGC, ESMM, PLE, MMoE, ModelConfig, RunConfig, SharedBottom, TaskSpec
from mmoe_core.foreign import LIBRARIES, copy_pieces, input_order
from mmoe_core.models import MultiTaskModel, build_model, row_shares, task_losses
from mmoe_core.training import build_balancer
from mmoe_core.training.touched import Touched
from tests.parity.rows import Rows, needs_sample, random_rows, sample_rows, without_values

RECHUB = LIBRARIES["torch-rechub"]
EMBEDDING, EXPERT, TOWER = 4, [16, 12], [8]
CLOSE: dict[str, float] = {"rtol": 0, "atol": 1e-7}  # its AITM divides by a √H in single precision; the rest by 1e-14
WIDTHS: dict[str, Any] = {
    "parity": "rechub",
    "embedding_size": EMBEDDING,
    "expert_widths": tuple(EXPERT),
    "default_tower_widths": tuple(TOWER),
}
ALL_BINARY = "classification"
Features = list[SparseFeature | DenseFeature]
Build = Callable[[Features, int], nn.Module]


def _esmm(features: Features, _num_tasks: int) -> nn.Module:
    return theirs.ESMM(features[:2], features[2:], {"dims": [*EXPERT, *TOWER]}, {"dims": [*EXPERT, *TOWER]})


def _towers(num_tasks: int) -> list[dict[str, list[int]]]:
    return [{"dims": TOWER}] * num_tasks


PAIRS: dict[str, tuple[ModelConfig, Build]] = {
    "SharedBottom": (
        SharedBottom(**WIDTHS),
        lambda features, num: theirs.SharedBottom(features, [ALL_BINARY] * num, {"dims": EXPERT}, _towers(num)),
    ),
    "MMOE": (
        MMoE(num_experts=5, **WIDTHS),
        lambda features, num: theirs.MMOE(features, [ALL_BINARY] * num, 5, {"dims": EXPERT}, _towers(num)),
    ),
    "PLE of one level": (
        CGC(num_task_experts=2, num_shared_experts=3, **WIDTHS),
        lambda features, num: theirs.PLE(features, [ALL_BINARY] * num, 1, 2, 3, {"dims": EXPERT}, _towers(num)),
    ),
    "PLE": (
        PLE(num_levels=3, num_task_experts=2, num_shared_experts=1, **WIDTHS),
        lambda features, num: theirs.PLE(features, [ALL_BINARY] * num, 3, 2, 1, {"dims": EXPERT}, _towers(num)),
    ),
    "ESMM": (ESMM(**WIDTHS), _esmm),
    "AITM": (
        AITM(**WIDTHS),
        lambda features, num: theirs.AITM(features, num, {"dims": EXPERT}, _towers(num)),
    ),
}
every_pair = pytest.mark.parametrize("name", list(PAIRS))


def features_of(rows: Rows) -> Features:
    sparse = [SparseFeature(field.name, rows.vocabulary(field.name), EMBEDDING) for field in rows.schema.id_fields]
    return sparse + [DenseFeature(field.name) for field in rows.schema.value_fields]


def grown(model: nn.Module, seed: int = 1) -> nn.Module:
    """In double precision, with every weight large enough to matter: as if it had been trained."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.double().parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model


def twin(config: ModelConfig, rows: Rows, their: nn.Module, tasks: list[int] | None = None) -> MultiTaskModel:
    """Our network with their weights."""
    model = build_model(config, rows.schema, seed=9).double()
    pieces = RECHUB.pieces(model, config, rows.schema, tasks or range(len(rows.schema.tasks)), as_given=True)
    names = [feature.name for feature in getattr(their, "features", [])] or None
    copy_pieces(pieces, their.state_dict(), input_order(rows.schema, EMBEDDING, names), RECHUB.spare(config))
    return model


def probabilities(model: MultiTaskModel, rows: Rows) -> Tensor:
    return model(*rows.ours).scores_BT.sigmoid()


def their_probabilities(their: nn.Module, rows: Rows) -> Tensor:
    """In our order of tasks: its ESMM says conversion, click and their product."""
    found = their(rows.theirs)
    return found[:, 1:] if isinstance(their, theirs.ESMM) else found


def back_propagate(config: ModelConfig, model: MultiTaskModel, their: nn.Module, rows: Rows) -> None:
    """One loss each, joined as each library joins them."""
    shares_NT = row_shares(torch.ones_like(rows.labels_NT, dtype=torch.bool)).double()
    losses_T = task_losses(model(*rows.ours).scores_BT, rows.labels_NT, shares_NT)
    build_balancer(RunConfig(model=config), rows.schema).backward(losses_T, model)
    each = nn.functional.binary_cross_entropy(their_probabilities(their, rows), rows.labels_NT, reduction="none")
    by_task = list(each.mean(dim=0))
    (sum(by_task) if isinstance(their, theirs.ESMM) else sum(by_task) / len(by_task)).backward()


def gradients_as_weights(model: MultiTaskModel, rows: Rows) -> MultiTaskModel:
    """A network of the same shape whose every weight is the gradient into it."""
    found = copy.deepcopy(model)
    assert model.x_BD is not None
    assert model.x_BD.grad is not None
    touched = Touched.by(rows.ours[0])
    into_rows = model.table.gradient_of_rows(model.x_BD.grad, len(touched.ids_U), touched.places_BK)
    with torch.no_grad():
        for gradient, parameter in zip(found.parameters(), model.parameters(), strict=True):
            gradient.copy_(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)
        found.table.weight[touched.ids_U.long()] = into_rows
    return found


def assert_same_gradients(config: ModelConfig, model: MultiTaskModel, their: nn.Module, rows: Rows) -> None:
    ours = gradients_as_weights(model, rows)
    expected = {name: parameter.grad for name, parameter in their.named_parameters()}
    pieces = RECHUB.pieces(ours, config, rows.schema, range(len(rows.schema.tasks)), as_given=True)
    compared = {piece.name: piece.place for piece in pieces if piece.name in expected}
    assert compared.keys() == expected.keys()
    for name, gradient in compared.items():
        assert expected[name] is not None
        torch.testing.assert_close(gradient, expected[name], rtol=1e-6, atol=1e-9, msg=lambda m, n=name: f"{n}: {m}")


def assert_same_network(name: str, rows: Rows) -> None:
    config, build = PAIRS[name]
    their = grown(build(features_of(rows), len(rows.schema.tasks)))
    model = twin(config, rows, their)
    for _ in range(2):  # batch norm remembers
        model.zero_grad()
        their.zero_grad()
        back_propagate(config, model, their, rows)
        assert_same_gradients(config, model, their, rows)
    torch.testing.assert_close(probabilities(model, rows), their_probabilities(their, rows), **CLOSE)
    model.eval(), their.eval()
    torch.testing.assert_close(probabilities(model, rows), their_probabilities(their, rows), **CLOSE)


@needs_sample
@every_pair
def test_on_the_real_sample_outputs_and_gradients_are_torch_rechubs(name: str) -> None:
    assert_same_network(name, without_values(sample_rows()) if name == "ESMM" else sample_rows())


@every_pair
def test_on_random_rows_outputs_and_gradients_are_torch_rechubs(name: str) -> None:
    three = (TaskSpec(name="click"), TaskSpec(name="cart"), TaskSpec(name="purchase"))
    assert_same_network(name, without_values(random_rows()) if name == "ESMM" else random_rows(three))


@pytest.mark.parametrize("name", ["MMOE", "PLE"])
def test_fields_and_tasks_in_another_order_find_their_places(name: str) -> None:
    config, build = PAIRS[name]
    rows = random_rows()
    features = features_of(rows)
    their = grown(build([features[2], features[4], features[0], features[3], features[1]], 2)).eval()
    model = twin(config, rows, their, tasks=[1, 0]).eval()
    expected = their_probabilities(their, rows).flip(1)
    torch.testing.assert_close(probabilities(model, rows), expected, **CLOSE)


@every_pair
def test_in_single_precision_they_agree_to_a_millionth(name: str) -> None:
    config, build = PAIRS[name]
    rows = without_values(random_rows()) if name == "ESMM" else random_rows()
    their = grown(build(features_of(rows), 2)).float()
    model = twin(config, rows, their).float()
    single = Rows(rows.schema, rows.ids_NF, rows.dense_NV.float(), rows.labels_NT.float())
    torch.testing.assert_close(probabilities(model, single), their_probabilities(their, single), rtol=0, atol=1e-6)
