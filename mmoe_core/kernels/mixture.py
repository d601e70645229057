"""h^k = Σ_i g_i^k E_i with g^k = softmax of its logits, and its gradients, row by row: a row's experts fit the cache.

Shape suffixes in this file:
    B batch   R readers   E experts   H expert output width
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["mix", "mix_gradients"]


@kernel
def mix(experts_BEH: np.ndarray, logits_BRE: np.ndarray, gates_BRE: np.ndarray, mixed_RBH: np.ndarray) -> None:
    """g = softmax(logits); h = Σ_i g_i E_i.

    Args:
        experts_BEH: E_i(x).
        logits_BRE: −∞ where a reader cannot reach an expert; at least one of each reader is finite.
        gates_BRE: Written; sums to 1 over E.
        mixed_RBH: Written.
    """
    num_rows, num_experts, width = experts_BEH.shape
    for row in range(num_rows):
        for reader in range(logits_BRE.shape[1]):
            highest = logits_BRE[row, reader, 0]
            for i in range(1, num_experts):
                highest = max(highest, logits_BRE[row, reader, i])
            total = mixed_RBH.dtype.type(0)
            for i in range(num_experts):
                gates_BRE[row, reader, i] = np.exp(logits_BRE[row, reader, i] - highest)
                total += gates_BRE[row, reader, i]
            for h in range(width):
                mixed_RBH[reader, row, h] = 0
            for i in range(num_experts):
                gates_BRE[row, reader, i] /= total
                for h in range(width):
                    mixed_RBH[reader, row, h] += gates_BRE[row, reader, i] * experts_BEH[row, i, h]


@kernel
def mix_gradients(
    experts_BEH: np.ndarray,
    gates_BRE: np.ndarray,
    into_mixed_RBH: np.ndarray,
    into_gates_BRE: np.ndarray,
    into_experts_BEH: np.ndarray,
    into_logits_BRE: np.ndarray,
) -> None:
    """∂L/∂E_i = Σ_k g_i^k ∂L/∂h^k: the gate routes the gradient; ∂L/∂g_i^k = E_i · ∂L/∂h^k; then back through softmax.

    Args:
        experts_BEH: E_i(x).
        gates_BRE: g.
        into_mixed_RBH: ∂L/∂h.
        into_gates_BRE: What else asks for other gates; of shape (0, 0, 0) where nothing does.
        into_experts_BEH: Written.
        into_logits_BRE: Written.
    """
    num_rows, num_experts, width = experts_BEH.shape
    for row in range(num_rows):
        for i in range(num_experts):
            for h in range(width):
                into_experts_BEH[row, i, h] = 0
        for reader in range(gates_BRE.shape[1]):
            mean = experts_BEH.dtype.type(0)
            for i in range(num_experts):
                gate = gates_BRE[row, reader, i]
                into_gate = experts_BEH.dtype.type(0)
                for h in range(width):
                    into_gate += experts_BEH[row, i, h] * into_mixed_RBH[reader, row, h]
                    into_experts_BEH[row, i, h] += gate * into_mixed_RBH[reader, row, h]
                if into_gates_BRE.size > 0:
                    into_gate += into_gates_BRE[row, reader, i]
                into_logits_BRE[row, reader, i] = into_gate
                mean += gate * into_gate
            for i in range(num_experts):
                into_logits_BRE[row, reader, i] = gates_BRE[row, reader, i] * (into_logits_BRE[row, reader, i] - mean)
