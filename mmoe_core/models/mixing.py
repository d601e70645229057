"""The mixture h^k = Σ_i g_i^k(x) relu(z_i(x)) of Ma et al. (KDD 2018), equation 6, as one differentiable step.

Shape suffixes in this file:
    B batch   R readers   E experts   H expert output width
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from .. import kernels

__all__ = ["mix"]


def mix(z_BEH: Tensor, logits_BRE: Tensor) -> tuple[Tensor, Tensor]:
    """Each reader's softmax gate over the experts, and the mixture that it reads.

    Args:
        z_BEH: What the experts say before their last ReLU.
        logits_BRE: Of the gates; −∞ where a reader cannot reach an expert.

    Returns:
        Mixtures (R, B, H) and gates (B, R, E), which sum to 1 over E.
    """
    if z_BEH.device.type == "cpu" and not torch.compiler.is_exporting():
        mixed_RBH, gates_BRE = _Mixture.apply(z_BEH, logits_BRE)  # type: ignore[no-untyped-call]  # torch gives `apply` no types
        return mixed_RBH, gates_BRE
    gates_BRE = logits_BRE.softmax(dim=2)
    return (gates_BRE @ z_BEH.relu()).transpose(0, 1), gates_BRE


class _Mixture(Function):
    """The same on the processor in one pass; torch takes twice the time over axes as short as these."""

    @staticmethod
    def forward(ctx: Any, z_BEH: Tensor, logits_BRE: Tensor) -> tuple[Tensor, Tensor]:
        z_BEH, logits_BRE = z_BEH.contiguous(), logits_BRE.contiguous()
        num_rows, num_readers, _ = logits_BRE.shape
        gates_BRE = torch.empty_like(logits_BRE)
        mixed_RBH = z_BEH.new_empty(num_readers, num_rows, z_BEH.shape[2])
        kernels.mix(z_BEH.numpy(), logits_BRE.numpy(), gates_BRE.numpy(), mixed_RBH.numpy())
        ctx.save_for_backward(z_BEH, gates_BRE)
        ctx.set_materialize_grads(False)
        return mixed_RBH, gates_BRE

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, into_mixed_RBH: Tensor | None, into_gates_BRE: Tensor | None) -> tuple[Tensor, Tensor]:
        z_BEH, gates_BRE = ctx.saved_tensors
        if into_mixed_RBH is None:
            into_mixed_RBH = z_BEH.new_zeros(gates_BRE.shape[1], len(z_BEH), z_BEH.shape[2])
        into_gates_BRE = z_BEH.new_empty(0, 0, 0) if into_gates_BRE is None else into_gates_BRE
        into_z_BEH, into_logits_BRE = torch.empty_like(z_BEH), torch.empty_like(gates_BRE)
        kernels.mix_gradients(
            z_BEH.numpy(),
            gates_BRE.numpy(),
            into_mixed_RBH.contiguous().numpy(),
            into_gates_BRE.contiguous().numpy(),
            into_z_BEH.numpy(),
            into_logits_BRE.numpy(),
        )
        return into_z_BEH, into_logits_BRE
