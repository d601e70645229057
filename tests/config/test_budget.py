"""Architectures of equal size."""

from __future__ import annotations

import pytest

from mmoe_core.config import IdField, MMoE, ModelConfig, OneGate, Schema, TaskSpec, ValueField, match_budget, sizes
from tests.models.test_architectures import KINDS

SCHEMA = Schema(
    id_fields=tuple(IdField(name=f"f{number}", vocabulary_size=40) for number in range(20)),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")),
)


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)
def test_every_kind_comes_as_near_as_one_more_or_less_of_width_allows(model: ModelConfig) -> None:
    model = model.model_copy(update={"embedding_size": 8, "expert_widths": (24, 12)})
    wanted = sizes(MMoE(embedding_size=8, default_tower_widths=model.default_tower_widths), SCHEMA).total
    matched = match_budget(model, SCHEMA)
    assert matched.kind == model.kind
    found = sizes(matched, SCHEMA).total
    for step in (-1, 1):
        first = matched.expert_widths[0] + step
        beside = matched.model_copy(update={"expert_widths": (first, max(1, round(first / 2)))})
        assert first == 0 or abs(sizes(beside, SCHEMA).total - wanted) >= abs(found - wanted)
    assert abs(found - wanted) / wanted < 0.05


def test_what_is_the_measure_itself_stays_as_it_is() -> None:
    assert match_budget(MMoE(), SCHEMA) == MMoE()
    assert match_budget(match_budget(OneGate(), SCHEMA), SCHEMA) == match_budget(OneGate(), SCHEMA)
