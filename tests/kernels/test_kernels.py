"""The compiled loops against numpy's and torch's own words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from mmoe_core import kernels
from mmoe_core.models.mixing import mix

NO_WEIGHTS = np.empty((0, 0), np.float32)
SHAPES = [(1, 1, 1, 1), (5, 2, 3, 4), (33, 3, 8, 16)]


@given(arrays(np.int32, (6, 4), elements=st.integers(0, 2**31 - 1) | st.integers(0, 5)))
@settings(max_examples=200, deadline=None)
def test_different_ids_are_numpys_unique_and_places_lead_back(ids_BK: np.ndarray) -> None:
    different_U, places_BK = kernels.group_ids(ids_BK, NO_WEIGHTS)
    np.testing.assert_array_equal(different_U, np.unique(ids_BK))
    np.testing.assert_array_equal(different_U[places_BK], ids_BK)


@given(
    arrays(np.int32, (5, 3), elements=st.integers(0, 9)),
    arrays(np.float32, (5, 3), elements=st.sampled_from([0.0, 0.5])),
)
@settings(max_examples=100, deadline=None)
def test_padding_is_in_no_place(ids_BK: np.ndarray, weights_BK: np.ndarray) -> None:
    different_U, places_BK = kernels.group_ids(ids_BK, weights_BK)
    np.testing.assert_array_equal(different_U, np.unique(ids_BK[weights_BK > 0]))
    np.testing.assert_array_equal(places_BK == -1, weights_BK == 0)
    np.testing.assert_array_equal(different_U[places_BK[weights_BK > 0]], ids_BK[weights_BK > 0])


def test_an_empty_batch_touches_nothing() -> None:
    different_U, places_BK = kernels.group_ids(np.empty((3, 0), np.int32), NO_WEIGHTS)
    assert different_U.size == 0
    assert places_BK.shape == (3, 0)


def inputs(rows: int, readers: int, experts: int, width: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(rows)
    z_BEH = torch.randn(rows, experts, width, generator=draw, dtype=torch.float64)
    return z_BEH, 3 * torch.randn(rows, readers, experts, generator=draw, dtype=torch.float64)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_mixture_is_softmax_and_matmul(shape: tuple[int, int, int, int]) -> None:
    z_BEH, logits_BRE = inputs(*shape)
    mixed_RBH, gates_BRE = mix(z_BEH, logits_BRE)
    torch.testing.assert_close(gates_BRE, logits_BRE.softmax(dim=2), rtol=1e-12, atol=1e-15)
    expected_RBH = torch.einsum("bre,beh->rbh", logits_BRE.softmax(dim=2), z_BEH.relu())
    torch.testing.assert_close(mixed_RBH, expected_RBH, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_of_the_mixture_are_finite_differences(shape: tuple[int, int, int, int]) -> None:
    """Of the mixture and of the gates, alone and together."""
    z_BEH, logits_BRE = (part[:4].requires_grad_() for part in inputs(*shape))
    for chosen in (lambda found: found[0], lambda found: found[1], lambda found: found):
        assert torch.autograd.gradcheck(lambda *parts, of=chosen: of(mix(*parts)), (z_BEH, logits_BRE))


def test_an_expert_out_of_reach_has_gate_0_and_feels_nothing() -> None:
    z_BEH, logits_BRE = inputs(6, 2, 4, 3)
    logits_BRE[:, 1, 2] = -torch.inf
    z_BEH.requires_grad_()
    logits_BRE.requires_grad_()
    mixed_RBH, gates_BRE = mix(z_BEH, logits_BRE)
    assert (gates_BRE[:, 1, 2] == 0).all()
    torch.testing.assert_close(gates_BRE.sum(dim=2), torch.ones(6, 2, dtype=torch.float64))
    mixed_RBH[1].sum().backward()
    assert z_BEH.grad is not None
    assert logits_BRE.grad is not None
    assert (z_BEH.grad[:, 2] == 0).all()
    assert logits_BRE.grad.isfinite().all()


def test_what_is_no_number_stays_no_number() -> None:
    z_BEH, logits_BRE = inputs(3, 2, 4, 3)
    z_BEH[1, 2, 0] = torch.nan
    mixed_RBH, _ = mix(z_BEH.requires_grad_(), logits_BRE)
    assert mixed_RBH[:, 1, 0].isnan().all()
    assert mixed_RBH[:, [0, 2]].isfinite().all()
    mixed_RBH.square().sum().backward()
    assert z_BEH.grad is not None
    assert z_BEH.grad[1, :3, 0].isnan().all()  # the ReLU of the last one is shut
