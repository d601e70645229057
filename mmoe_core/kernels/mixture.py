"""h^k = Σ_i g_i^k E_i, E_i = relu(z_i), g^k = softmax of its logits: row by row, since a row's experts fit the cache.

Shape suffixes in this file:
    B batch   R readers   E experts   H expert output width
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["mix", "mix_gradients"]


def mix(z_BEH: np.ndarray, logits_BRE: np.ndarray, gates_BRE: np.ndarray, mixed_RBH: np.ndarray) -> None:
    """g = softmax(logits); h = Σ_i g_i relu(z_i).

    Args:
        z_BEH: What the experts say before their last ReLU.
        logits_BRE: −∞ where a reader cannot reach an expert; at least one of each reader is finite.
        gates_BRE: Written; sums to 1 over E.
        mixed_RBH: Written.
    """
    _subtract_highest(logits_BRE, gates_BRE)
    np.exp(gates_BRE, out=gates_BRE)  # numpy's fills the processor's lanes
    _mix(z_BEH, gates_BRE, mixed_RBH)


@kernel
def _subtract_highest(logits_BRE: np.ndarray, shifted_BRE: np.ndarray) -> None:
    num_rows, num_readers, num_experts = logits_BRE.shape
    for row in range(num_rows):
        for reader in range(num_readers):
            highest = logits_BRE[row, reader, 0]
            for i in range(1, num_experts):
                highest = max(highest, logits_BRE[row, reader, i])
            for i in range(num_experts):
                shifted_BRE[row, reader, i] = logits_BRE[row, reader, i] - highest


@kernel
def _mix(z_BEH: np.ndarray, gates_BRE: np.ndarray, mixed_RBH: np.ndarray) -> None:
    num_rows, num_experts, width = z_BEH.shape
    zero = mixed_RBH.dtype.type(0)
    for row in range(num_rows):
        for reader in range(gates_BRE.shape[1]):
            total = zero
            for i in range(num_experts):
                total += gates_BRE[row, reader, i]
            for h in range(width):
                mixed_RBH[reader, row, h] = zero
            for i in range(num_experts):
                gate = gates_BRE[row, reader, i] / total
                gates_BRE[row, reader, i] = gate
                for h in range(width):
                    z = z_BEH[row, i, h]
                    mixed_RBH[reader, row, h] += gate * (zero if z <= zero else z)


@kernel
def mix_gradients(
    z_BEH: np.ndarray,
    gates_BRE: np.ndarray,
    into_mixed_RBH: np.ndarray,
    into_gates_BRE: np.ndarray,
    into_z_BEH: np.ndarray,
    into_logits_BRE: np.ndarray,
) -> None:
    """∂L/∂E_i = Σ_k g_i^k ∂L/∂h^k: the gate routes the gradient; ∂L/∂g_i^k = E_i · ∂L/∂h^k; then softmax and ReLU.

    Args:
        z_BEH: As in `mix`.
        gates_BRE: g.
        into_mixed_RBH: ∂L/∂h.
        into_gates_BRE: What else asks for other gates; of shape (0, 0, 0) where nothing does.
        into_z_BEH: Written.
        into_logits_BRE: Written.
    """
    num_rows, num_experts, width = z_BEH.shape
    zero = z_BEH.dtype.type(0)
    for row in range(num_rows):
        for i in range(num_experts):
            for h in range(width):
                into_z_BEH[row, i, h] = zero
        for reader in range(gates_BRE.shape[1]):
            mean = zero
            for i in range(num_experts):
                gate = gates_BRE[row, reader, i]
                into_gate = zero
                for h in range(width):
                    z = z_BEH[row, i, h]
                    into_gate += (zero if z <= zero else z) * into_mixed_RBH[reader, row, h]
                    into_z_BEH[row, i, h] += gate * into_mixed_RBH[reader, row, h]
                if into_gates_BRE.size > 0:
                    into_gate += into_gates_BRE[row, reader, i]
                into_logits_BRE[row, reader, i] = into_gate
                mean += gate * into_gate
            for i in range(num_experts):
                into_logits_BRE[row, reader, i] = gates_BRE[row, reader, i] * (into_logits_BRE[row, reader, i] - mean)
        for i in range(num_experts):
            for h in range(width):
                if z_BEH[row, i, h] <= zero:
                    into_z_BEH[row, i, h] = zero
