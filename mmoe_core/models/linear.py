"""One linear map, x W^T + b, where many networks read the same input: by oneDNN on the processor.

torch gives such a product to MKL, which leaves half of the lanes of another maker's processor idle; oneDNN, which torch
carries too, fills them.

Shape suffixes in this file:
    B batch   I, O width in and out
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional

__all__ = ["linear"]

_has_onednn = hasattr(torch.ops.mkldnn, "_linear_pointwise")


def linear(x_BI: Tensor, weight_OI: Tensor, bias_O: Tensor | None = None) -> Tensor:
    """What `torch.nn.functional.linear` returns, and its gradients."""
    is_fast = _has_onednn and x_BI.device.type == "cpu" and x_BI.dtype == torch.float32
    if is_fast and not torch.compiler.is_exporting():
        product_BO: Tensor = _Linear.apply(x_BI, weight_OI, bias_O)  # type: ignore[no-untyped-call]
        return product_BO
    return functional.linear(x_BI, weight_OI, bias_O)


def _product(x_BI: Tensor, weight_OI: Tensor, bias_O: Tensor | None = None) -> Tensor:
    product_BO: Tensor = torch.ops.mkldnn._linear_pointwise(x_BI, weight_OI, bias_O, "none", [], "")
    return product_BO


class _Linear(Function):
    @staticmethod
    def forward(ctx: Any, x_BI: Tensor, weight_OI: Tensor, bias_O: Tensor | None) -> Tensor:
        ctx.save_for_backward(x_BI, weight_OI)
        return _product(x_BI, weight_OI, bias_O)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, into_BO: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x_BI, weight_OI = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad
        return (
            _product(into_BO, weight_OI.T) if of_x else None,
            _product(into_BO.T, x_BI.T) if of_weight else None,
            into_BO.sum(dim=0) if of_bias else None,
        )
