"""How unevenly a gate loads the experts that it may hear.

Shazeer et al., "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer", ICLR 2017, section 4:
an expert's importance is what it gets of a batch, Σ_x g(x) (equation 6), and a gate pays CV(importance)² (equation 7).

Shape suffixes in this file:
    B batch   R readers   E experts
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

__all__ = ["uneven_load"]


def uneven_load(weights_BRE: Tensor, num_heard: Sequence[int]) -> Tensor:
    """CV² of the experts' importance, the mean over the readers' gates, as a value per row whose mean it is.

    A gate's mean weights m sum to 1 over the n experts that it hears, so CV² = n Σ_e m_e² − 1, and a row's share of it
    is n Σ_e m_e g_e(x) − 1.

    Args:
        weights_BRE: Gates; 0 where a reader cannot hear an expert.
        num_heard: Per reader, how many it can.

    Returns:
        Shape (B,); its mean is 0 where every expert gets the same, n − 1 where one gets all.
    """
    heard_R = weights_BRE.new_tensor(num_heard)
    shares_BR = (weights_BRE * weights_BRE.mean(dim=0)).sum(dim=2)
    return (heard_R * shares_BR - 1).mean(dim=1)
