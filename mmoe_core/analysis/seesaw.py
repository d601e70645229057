"""One task's gain against another's: who is on the Pareto front, and how far seeds are apart.

Seesaw: Tang et al., "Progressive Layered Extraction (PLE)", RecSys 2020, section 3. Ellipse of a further draw from a
two-dimensional normal distribution: Chew, "Confidence, prediction, and tolerance regions for the multivariate normal
distribution", JASA 1966.

Shape suffixes in this file:
    N points   K corners of an outline   2 the two tasks
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SeedEllipse", "pareto_front", "seed_ellipse"]

_LEVEL = 0.95
_CHI2 = -2 * math.log(1 - _LEVEL)  # quantile with two degrees of freedom
_FEWEST = 3  # two points have a line between them, and no area


@dataclass(frozen=True)
class SeedEllipse:
    """Where 95 % of all seeds would fall, if these few had the right mean and covariance.

    Attributes:
        centre: Mean of the seeds.
        covariance: Of the seeds, 2 × 2.
        num_seeds: How many there are.
    """

    centre: tuple[float, float]
    covariance: tuple[tuple[float, float], tuple[float, float]]
    num_seeds: int

    @property
    def share_of_further_seeds(self) -> float:
        """What it holds on average of normally distributed seeds to come: below 95 %, since its ends are guessed too.

        The squared distance of a further draw is 2(n² - 1) / (n(n - 2)) times an F(2, n - 2) variable, whose
        distribution function has a closed form.
        """
        n = self.num_seeds
        quantile = _CHI2 * n * (n - 2) / (2 * (n**2 - 1))
        return float(1 - (1 + 2 * quantile / (n - 2)) ** (-(n - 2) / 2))

    def outline(self, num_corners: int = 73) -> NDArray[np.float64]:
        """Its edge, closed, shape (K, 2)."""
        variances, directions = np.linalg.eigh(np.array(self.covariance))
        angles = np.linspace(0, 2 * math.pi, num_corners)
        circle_2K = np.stack([np.cos(angles), np.sin(angles)])
        lengths = np.sqrt(_CHI2 * np.maximum(variances, 0))  # rounding may leave a line with less than nothing
        edge_K2: NDArray[np.float64] = (directions @ (lengths[:, None] * circle_2K)).T + np.array(self.centre)
        return edge_K2


def pareto_front(points_N2: ArrayLike) -> NDArray[np.bool_]:
    """Which points no other one beats: at least as good in both, better in one. More is better.

    Args:
        points_N2: One measure per column; a point with NaN is never on the front and beats nobody.

    Returns:
        Shape (N,).
    """
    found_N2 = np.asarray(points_N2, dtype=np.float64).reshape(-1, 2)
    one, other = found_N2[:, None, :], found_N2[None, :, :]
    is_beaten_NN = np.all(other >= one, axis=2) & np.any(other > one, axis=2)
    is_on_front: NDArray[np.bool_] = ~is_beaten_NN.any(axis=1) & ~np.isnan(found_N2).any(axis=1)
    return is_on_front


def seed_ellipse(points_N2: ArrayLike) -> SeedEllipse | None:
    """The ellipse of seeds; None with fewer than three.

    Args:
        points_N2: A seed per row.
    """
    found_N2 = np.asarray(points_N2, dtype=np.float64).reshape(-1, 2)
    if len(found_N2) < _FEWEST:
        return None
    (a, b), ((aa, ab), (ba, bb)) = found_N2.mean(axis=0), np.cov(found_N2, rowvar=False)
    return SeedEllipse((float(a), float(b)), ((float(aa), float(ab)), (float(ba), float(bb))), len(found_N2))
