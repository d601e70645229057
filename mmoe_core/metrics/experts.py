"""What experts say: how much two of them say the same, and which of their units never say anything.

Kornblith, Norouzi, Lee, Hinton, "Similarity of Neural Network Representations Revisited", ICML 2019, equation 3: with
columns centred, linear CKA(X, Y) = ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖), Frobenius norms. It does not change when either is turned
(an orthogonal map), scaled by one number, or shifted: experts have no axes of their own to be compared along.

Shape suffixes in this file:
    B rows   H, I widths of what experts say   U units
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["dead_units", "linear_cka"]


def linear_cka(one_BH: ArrayLike, other_BI: ArrayLike) -> float | None:
    """How alike what two experts say on the same rows is: 0 to 1, and 1 for twins.

    Between independent outputs it is not 0 but up to about √(H I) / B: .008 on a thousand rows of width 8.

    Args:
        one_BH: What one says, after its ReLU.
        other_BI: What the other says; its width may be another.

    Returns:
        `None` where one of them says the same on every row, or something that is not a number.
    """
    x_BH, y_BI = _centred(one_BH), _centred(other_BI)
    own = math.sqrt(float(np.sum((x_BH.T @ x_BH) ** 2)) * float(np.sum((y_BI.T @ y_BI) ** 2)))
    if not 0 < own < math.inf:
        return None
    return min(1.0, float(np.sum((y_BI.T @ x_BH) ** 2)) / own)


def dead_units(activations_BU: ArrayLike) -> NDArray[np.bool_]:
    """Which units are 0 on every row.

    Args:
        activations_BU: After the ReLU, or before it, shape (…, B, U); a unit that is not a number is not dead.

    Returns:
        Shape (…, U).
    """
    return np.asarray((np.asarray(activations_BU) <= 0).all(axis=-2))


def _centred(values: ArrayLike) -> NDArray[np.float64]:
    """Columns less their means, and all by one number, so that no square overflows or vanishes."""
    values_BH = np.asarray(values, dtype=np.float64)
    away_BH = values_BH - values_BH[:1]  # of equal rows exactly 0
    centred_BH = away_BH - away_BH.mean(axis=0)
    largest = float(np.abs(centred_BH).max(initial=0))
    return np.asarray(centred_BH / largest if largest > 0 else centred_BH)
