"""Similarity and dead units of experts, against numpy and against experts whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmoe_core.analysis.lens import Experts, ExpertsCompared
from mmoe_core.analysis.lens.answering import answer
from mmoe_core.analysis.lens.network import Network
from mmoe_core.config import MMoE, ModelConfig
from mmoe_core.models.following import hooked
from tests.analysis.lens.networks import KINDS, SMALL, network

MMOE = MMoE(**SMALL, num_experts=3)


def compared(of: Network) -> ExpertsCompared:
    found = answer(of, Experts())
    assert isinstance(found, ExpertsCompared)
    return found


def outputs(of: Network) -> list[np.ndarray]:
    """What each level's experts say of the probe rows after the ReLU, seen by hooks of one's own."""
    seen: list[np.ndarray] = []
    handles = [
        bank.register_forward_hook(lambda _m, _r, z_EBH: seen.append(np.maximum(z_EBH.detach().numpy(), 0)))
        for bank in of.model.experts
    ]
    of.model.score(of.read(of.probe.take(np.arange(len(of.probe)))))
    for handle in handles:
        handle.remove()
    return seen


def by_hand(x_BH: np.ndarray, y_BH: np.ndarray) -> float:
    """CKA by centred Gram matrices of the rows."""
    k_BB, l_BB = ((z - z.mean(axis=0)) @ (z - z.mean(axis=0)).T for z in (x_BH.astype(float), y_BH.astype(float)))
    return float((k_BB * l_BB).sum() / np.sqrt((k_BB**2).sum() * (l_BB**2).sum()))


@pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind}-{config.norm}")
def test_every_level_equals_numpy_on_what_hooks_see(config: ModelConfig) -> None:
    of = network(config)
    found = compared(of)
    assert [level.experts for level in found.levels] == [plan.experts for plan in of.model.levels]
    for level, output_EBH in zip(found.levels, outputs(of), strict=True):
        assert len(level.dead_LE) == len(config.expert_widths)
        np.testing.assert_allclose(level.dead_LE[-1], (output_EBH == 0).all(axis=1).mean(axis=1))
        for one, row in enumerate(level.similarity_EE):
            for other, similarity in enumerate(row):
                assert similarity == pytest.approx(by_hand(output_EBH[one], output_EBH[other]), abs=1e-4)


def test_twins_are_alike_to_the_last_digit_and_others_are_not() -> None:
    of = network(MMOE)
    with torch.no_grad():
        for layer in of.model.experts[0].parameters():
            layer[1] = layer[0]
    (level,) = compared(of).levels
    assert level.similarity_EE[0][1] == pytest.approx(1, abs=1e-12)
    assert level.similarity_EE[0][2] < 0.999


def test_renumbering_experts_renumbers_the_matrix() -> None:
    of, order = network(MMOE), [2, 0, 1]
    (before,) = compared(of).levels
    with torch.no_grad():
        for layer in of.model.experts[0].parameters():
            layer.copy_(layer[order].clone())
    (after,) = compared(of).levels
    np.testing.assert_allclose(after.similarity_EE, np.array(before.similarity_EE)[np.ix_(order, order)], atol=1e-6)
    np.testing.assert_array_equal(after.dead_LE, np.array(before.dead_LE)[:, order])


@pytest.mark.parametrize("layer", [0, 1])
def test_a_bias_far_below_0_kills_the_units_of_its_layer(layer: int) -> None:
    of = network(MMOE)
    (before,) = compared(of).levels
    with torch.no_grad():
        of.model.experts[0].biases_MO[layer][1] -= 1e4
    (level,) = compared(of).levels
    assert level.dead_LE[layer][1] == 1
    assert level.similarity_EE[1] == (None, None, None)  # what is left says the same of every row
    for place in (0, 2):
        assert [of_layer[place] for of_layer in level.dead_LE] == [of_layer[place] for of_layer in before.dead_LE]


def test_a_unit_that_speaks_once_is_not_dead() -> None:
    of = network(MMOE)

    def only_the_first(_module: object, _read: object, x_BD: torch.Tensor) -> torch.Tensor:
        return x_BD.abs() * (torch.arange(len(x_BD)) == 0).unsqueeze(1)

    with torch.no_grad():
        of.model.experts[0].weights_MOI[0].abs_()
        of.model.experts[0].biases_MO[0].zero_()
    with hooked(of.model.table, only_the_first):
        (level,) = compared(of).levels
    assert level.dead_LE[0] == (0, 0, 0)
