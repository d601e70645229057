"""Fields with several ids, against a loop over rows, fields and ids."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from mmoe_core.config import IdField, MMoE, OneGate, Schema, SharedBottom, TaskSpec, ValueField, sizes
from mmoe_core.models import MultiTaskModel, build_model
from mmoe_core.training.touched import Touched

TOKENS = (1, 5, 1, 3)
SCHEMA = Schema(
    id_fields=tuple(
        IdField(name=name, vocabulary_size=7 + place, num_tokens=tokens)
        for place, (name, tokens) in enumerate(zip(("user", "history", "item", "topics"), TOKENS, strict=True))
    ),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"), TaskSpec(name="purchase")),
)


def batch(num_rows: int = 9, *, schema: Schema = SCHEMA, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, values and weights as a split gives them: of every field a few ids, then padding."""
    draw = torch.Generator().manual_seed(seed)
    ids, weights = [], []
    for field, offset in zip(schema.id_fields, schema.offsets, strict=True):
        count = torch.randint(1, field.num_tokens + 1, (num_rows, 1), generator=draw)
        is_there = torch.arange(field.num_tokens) < count
        local = torch.randint(1, field.vocabulary_size, (num_rows, field.num_tokens), generator=draw) * is_there
        weight = (torch.rand(num_rows, field.num_tokens, generator=draw) * 3 + 0.1) * is_there
        ids.append(local + offset)
        weights.append(weight if field.num_tokens > 1 else torch.ones(num_rows, 1))
    return torch.cat(ids, dim=1).int(), torch.randn(num_rows, 1, generator=draw), torch.cat(weights, dim=1)


def plain(ids_BK: Tensor, weights_BK: Tensor, table: Tensor, tokens_F: tuple[int, ...] = TOKENS) -> Tensor:
    """One row, one field, one id at a time."""
    rows = []
    for ids_K, weights_K in zip(ids_BK.tolist(), weights_BK, strict=True):
        fields, start = [], 0
        for tokens in tokens_F:
            total, pooled = sum(weights_K[start : start + tokens].tolist()), torch.zeros_like(table[0])
            for place in range(start, start + tokens):
                if weights_K[place] > 0:
                    pooled = pooled + weights_K[place].to(table.dtype) / total * table[ids_K[place]]
            fields.append(pooled)
            start += tokens
        rows.append(torch.stack(fields))
    return torch.stack(rows)


def test_the_input_is_the_loops_weighted_mean_beside_the_values() -> None:
    ids_BK, dense_BV, weights_BK = batch()
    model = build_model(MMoE(embedding_size=4), SCHEMA, seed=1).double()
    x_BD = model.table(ids_BK, dense_BV.double(), weights_BK)
    expected_BFS = plain(ids_BK, weights_BK, model.table.weight)
    torch.testing.assert_close(x_BD[:, :-1], expected_BFS.flatten(1), rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(x_BD[:, -1:], dense_BV.double(), rtol=0, atol=0)


def test_gradients_of_the_rows_equal_the_loops() -> None:
    ids_BK, dense_BV, weights_BK = batch()
    weights_BK = weights_BK.double()
    table = build_model(MMoE(embedding_size=4), SCHEMA, seed=1).double().table
    x_BD = table(ids_BK, dense_BV.double(), weights_BK)
    x_BD.square().sum().backward()
    assert x_BD.grad is not None
    touched = Touched.by(ids_BK, weights_BK)
    ours_US = table.gradient_of_rows(x_BD.grad, len(touched.ids_U), touched.places_BK, weights_BK)
    theirs = table.weight.detach().clone().requires_grad_()
    plain(ids_BK, weights_BK, theirs).square().sum().backward()
    assert theirs.grad is not None
    torch.testing.assert_close(ours_US, theirs.grad[touched.ids_U.long()], rtol=1e-12, atol=1e-12)
    assert touched.ids_U.tolist() == ids_BK[weights_BK > 0].unique().tolist()  # padding was not touched


def test_only_the_proportions_of_a_fields_weights_matter() -> None:
    ids_BK, dense_BV, weights_BK = batch()
    model = build_model(MMoE(), SCHEMA, seed=1)
    louder = weights_BK * torch.repeat_interleave(torch.tensor([2.0, 8.0, 0.5, 4.0]), torch.tensor(TOKENS))
    torch.testing.assert_close(
        model.table(ids_BK, dense_BV, louder), model.table(ids_BK, dense_BV, weights_BK), rtol=1e-6, atol=1e-7
    )


def test_what_stands_on_padding_and_in_which_order_ids_come_has_no_influence() -> None:
    ids_BK, dense_BV, weights_BK = batch()
    model = build_model(MMoE(), SCHEMA, seed=1)
    before = model.table(ids_BK, dense_BV, weights_BK)
    elsewhere = torch.where(weights_BK > 0, ids_BK, ids_BK + 1)
    torch.testing.assert_close(model.table(elsewhere, dense_BV, weights_BK), before, rtol=0, atol=0)
    order = [0, 5, 3, 1, 2, 4, 6, 9, 8, 7]
    turned = model.table(ids_BK[:, order], dense_BV, weights_BK[:, order])
    torch.testing.assert_close(turned, before, rtol=1e-5, atol=1e-6)


def test_a_field_without_any_weight_is_zero_and_harms_nothing() -> None:
    ids_BK, dense_BV, weights_BK = batch()
    weights_BK[3, 1:6] = 0
    model = build_model(MMoE(embedding_size=4), SCHEMA, seed=1)
    x_BD = model.table(ids_BK, dense_BV, weights_BK)
    assert (x_BD[3, 4:8] == 0).all()
    touched = Touched.by(ids_BK, weights_BK)
    gradient_US = model.table.gradient_of_rows(torch.ones_like(x_BD), len(touched.ids_U), touched.places_BK, weights_BK)
    assert gradient_US.isfinite().all()


@pytest.mark.parametrize("kind", [MMoE, OneGate, SharedBottom])
def test_the_input_is_as_wide_as_without_them(kind: type) -> None:
    model = build_model(kind(embedding_size=3), SCHEMA, seed=1)
    ids_BK, dense_BV, weights_BK = batch()
    expected = sizes(model_config := kind(embedding_size=3), SCHEMA)
    assert expected.input_width == 4 * 3 + 1
    assert model.table(ids_BK, dense_BV, weights_BK).shape == (9, expected.input_width)
    assert sum(parameter.numel() for parameter in model.parameters()) == sizes(model_config, SCHEMA).total
    assert model(ids_BK, dense_BV, weights_BK).scores_BT.shape == (9, 2)


def test_one_id_per_field_needs_no_weights_and_pooling_would_say_the_same() -> None:
    single = Schema(
        id_fields=tuple(field.model_copy(update={"num_tokens": 1}) for field in SCHEMA.id_fields),
        value_fields=SCHEMA.value_fields,
        tasks=SCHEMA.tasks,
    )
    ids_BF, dense_BV, weights_BF = batch(schema=single)
    table = build_model(MMoE(), single, seed=1).table
    x_BD = table(ids_BF, dense_BV)
    assert torch.equal(x_BD, torch.cat((functional.embedding(ids_BF, table.weight).flatten(1), dense_BV), dim=1))
    torch.testing.assert_close(plain(ids_BF, weights_BF, table.weight, (1, 1, 1, 1)).flatten(1), x_BD[:, :-1])


def test_what_the_tasks_share_has_a_gradient() -> None:
    model: MultiTaskModel = build_model(MMoE(), SCHEMA, seed=1)
    scores_BT = model(*batch()).scores_BT
    gradients = torch.autograd.grad(scores_BT.sum(), (model.x_BD, *model.experts.parameters()))
    assert gradients[0].shape == (9, 4 * 8 + 1)
    assert gradients[0].abs().sum() > 0
