"""Whose the experts are and who can hear them, as the networks themselves have it."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from mmoe_core.config import PLE, ModelConfig, audience
from mmoe_core.models import build_model
from tests.models.test_architectures import KINDS, SCHEMA
from tests.models.test_network import batch

EVERY_KIND = pytest.mark.parametrize("model", KINDS, ids=lambda model: model.kind)


@EVERY_KIND
def test_what_cannot_be_heard_has_no_weight_in_the_network_and_what_can_has_some(model: ModelConfig) -> None:
    output = build_model(model, SCHEMA, seed=1)(*batch())
    levels = audience(model, SCHEMA.task_names)
    assert len(levels) == len(output.gates)
    for level, gates in zip(levels, output.gates, strict=True):
        assert (level.readers, level.experts) == (gates.readers, gates.experts)
        assert torch.equal((gates.weights_BRE > 0).all(dim=0), torch.tensor(level.heard))
        assert torch.equal((gates.weights_BRE > 0).any(dim=0), torch.tensor(level.heard))


@EVERY_KIND
def test_gates_that_have_no_choice_say_the_same_of_every_row(model: ModelConfig) -> None:
    output = build_model(model, SCHEMA, seed=1)(*batch())
    for level, gates in zip(audience(model, SCHEMA.task_names), output.gates, strict=True):
        assert level.has_choice == bool((gates.weights_BRE.std(dim=0) > 0).any())


@EVERY_KIND
def test_a_task_hears_its_own_experts_and_of_others_only_what_is_handed_on(model: ModelConfig) -> None:
    for level in audience(model, SCHEMA.task_names):
        assert set(level.owners) <= {None, *SCHEMA.task_names}
        for expert, owner in zip(level.experts, level.owners, strict=True):
            ears = [reader for reader in level.readers if level.hears(reader, expert)]
            if owner is None:
                assert ears == list(level.readers)
            else:
                assert owner in ears
                assert set(ears) - {owner} <= ({"purchase", "share"} if model.kind == "aitm" else {"shared"})


def test_groups_begin_where_the_owner_changes() -> None:
    first, last = audience(PLE(num_task_experts=2, num_shared_experts=3), ("click", "purchase"))
    for level in (first, last):
        assert level.owners == ("click", "click", "purchase", "purchase", None, None, None)
        assert level.starts == (2, 4)
        assert [place for place, (one, next_) in enumerate(pairwise(level.owners), 1) if one != next_] == [2, 4]
    assert first.readers == ("click", "purchase", "shared")
    assert first.heard[2] == (True,) * 7
