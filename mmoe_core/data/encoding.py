"""Raw columns become ids and scaled values. Everything is fitted on the rows of train, which come first.

Shape suffixes in this file:
    N rows, train first
"""

from __future__ import annotations

import numpy as np

from ..config import FIRST_KNOWN, MISSING, RARE
from .manifest import Scaling

__all__ = ["MISSING_CODE", "fit_ids", "fit_scaling", "scaled"]

MISSING_CODE = -1


def fit_ids(codes_N: np.ndarray, num_train: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids local to a field, with a vocabulary of what train has seen.

    Args:
        codes_N: Small non-negative integers; -1 = missing.
        num_train: How many of the rows are train's.

    Returns:
        Local ids, int32 (N,), and the codes behind the ids from `FIRST_KNOWN` on, ascending.
    """
    counts = np.bincount(codes_N[:num_train] + 1, minlength=int(codes_N.max()) + 2)[1:]
    seen = np.flatnonzero(counts)
    local_of_code = np.full(len(counts) + 1, RARE, dtype=np.int32)
    local_of_code[0] = MISSING
    local_of_code[seen + 1] = np.arange(FIRST_KNOWN, FIRST_KNOWN + len(seen))
    return local_of_code[codes_N + 1], seen


def fit_scaling(values_N: np.ndarray, num_train: int, *, is_log: bool = False) -> Scaling:
    """The scaling that gives train mean 0 and variance 1, after ln(1 + v) where tails are heavy."""
    train_N = values_N[:num_train].astype(np.float64)
    if is_log:
        train_N = np.log1p(train_N)
    return Scaling(is_log=is_log, shift=float(train_N.mean()), scale=float(train_N.std()) or 1.0)


def scaled(values_N: np.ndarray, scaling: Scaling) -> np.ndarray:
    """Values as the network sees them, float32 (N,)."""
    values_N = np.log1p(values_N) if scaling.is_log else values_N
    return np.asarray((values_N - scaling.shift) / scaling.scale, dtype=np.float32)
