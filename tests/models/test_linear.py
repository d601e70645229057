"""The product by oneDNN: what torch's own says, and what it sends back."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from mmoe_core.models.linear import linear


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("num_rows", "width_in", "width_out"), [(1, 1, 1), (7, 5, 3), (300, 100, 144)])
@pytest.mark.parametrize("has_bias", [False, True])
def test_a_product_and_its_gradients_are_torchs(
    dtype: torch.dtype, num_rows: int, width_in: int, width_out: int, has_bias: bool
) -> None:
    draw = torch.Generator().manual_seed(1)
    shapes = [(num_rows, width_in), (width_out, width_in), *([(width_out,)] if has_bias else [])]
    leaves = [torch.randn(shape, dtype=dtype, generator=draw, requires_grad=True) for shape in shapes]
    into_BO = torch.randn(num_rows, width_out, dtype=dtype, generator=draw)
    ours, theirs = linear(*leaves), functional.linear(*leaves)
    gradients = (torch.autograd.grad(product, leaves, into_BO) for product in (ours, theirs))
    close = {"rtol": 1e-5, "atol": 1e-4} if dtype == torch.float32 else {"rtol": 1e-12, "atol": 1e-12}
    torch.testing.assert_close(ours, theirs, **close)
    torch.testing.assert_close(*gradients, **close)


def test_what_needs_no_gradient_gets_none() -> None:
    x_BI, weight_OI = torch.randn(4, 3), torch.randn(2, 3, requires_grad=True)
    linear(x_BI, weight_OI).sum().backward()
    assert x_BI.grad is None
    assert weight_OI.grad is not None
    torch.testing.assert_close(weight_OI.grad, x_BI.sum(dim=0).expand(2, 3))


def test_other_devices_take_the_same_call() -> None:
    assert linear(torch.empty(4, 3, device="meta"), torch.empty(2, 3, device="meta")).shape == (4, 2)
