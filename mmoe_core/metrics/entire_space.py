"""What is left of a product once its first factor is known: p(purchase | click) = p(click and purchase) / p(click).

Ma et al., "Entire Space Multi-Task Model", SIGIR 2018, equation 1.

Shape suffixes in this file:
    N rows
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["conditional_logits", "conditional_probabilities"]

_LEAST = 1e-12  # by which a product's logit is below its factor's, whatever was lost in rounding


def conditional_probabilities(both: ArrayLike, click: ArrayLike) -> NDArray[np.float64]:
    """The second factor, from probabilities (N,); 0 where there is never a click."""
    both_N, click_N = np.asarray(both, dtype=np.float64), np.asarray(click, dtype=np.float64)
    given_N = np.divide(both_N, click_N, out=np.zeros_like(both_N), where=click_N > 0)
    return np.minimum(given_N, 1.0)  # rounding may lift it above


def conditional_logits(both: ArrayLike, click: ArrayLike) -> NDArray[np.float64]:
    """The same from logits: s of the product and a of the click, e^-s = e^-a + e^-b + e^-(a+b), solved for b."""
    s_N, a_N = np.asarray(both, dtype=np.float64), np.asarray(click, dtype=np.float64)
    below_N = np.minimum(s_N - a_N, -_LEAST)
    return np.asarray(np.logaddexp(0.0, -a_N) + s_N - np.log(-np.expm1(below_N)))
