"""The Pareto front is what brute force finds; the ellipse holds as many seeds as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mmoe_core.analysis import pareto_front, seed_ellipse


def brute_force(points: list[tuple[float, float]]) -> list[bool]:
    def is_beaten(one: tuple[float, float]) -> bool:
        return any(
            other[0] >= one[0] and other[1] >= one[1] and (other[0] > one[0] or other[1] > one[1]) for other in points
        )

    return [not is_beaten(one) for one in points]


@pytest.mark.parametrize("seed", range(40))
def test_the_front_is_what_brute_force_finds_also_with_ties_and_twins(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 40))
    points = random.integers(0, 8, (count, 2)) if seed % 2 else random.normal(size=(count, 2))
    front = pareto_front(points)
    assert front.tolist() == brute_force([(float(a), float(b)) for a, b in points])
    assert front.any()


def test_the_front_does_not_depend_on_order_or_on_the_scale_of_a_task() -> None:
    random = np.random.default_rng(0)
    points, order = random.normal(size=(30, 2)), random.permutation(30)
    assert (pareto_front(points)[order] == pareto_front(points[order])).all()
    stretched = np.stack([np.exp(points[:, 0]), 5 * points[:, 1] - 3], axis=1)
    assert (pareto_front(stretched) == pareto_front(points)).all()


def test_what_is_undefined_is_on_no_front_and_beats_nobody() -> None:
    assert pareto_front([(0.5, 0.5), (np.nan, 0.9), (0.4, 0.6)]).tolist() == [True, False, True]
    assert pareto_front(np.empty((0, 2))).tolist() == []


@pytest.mark.parametrize("count", [3, 5, 12])
def test_every_corner_is_at_the_same_distance_by_the_covariance(count: int) -> None:
    points = np.random.default_rng(count).normal(size=(count, 2)) @ np.array([[1.0, 0.4], [0.0, 0.1]])
    ellipse = seed_ellipse(points)
    outline = ellipse.outline()
    assert np.allclose(outline[0], outline[-1])
    apart = outline - points.mean(axis=0)
    distances = np.einsum("ki,ij,kj->k", apart, np.linalg.inv(np.cov(points.T)), apart)
    assert distances == pytest.approx([-2 * math.log(0.05)] * len(distances))


def test_an_ellipse_moves_and_stretches_with_its_seeds() -> None:
    points = np.random.default_rng(1).normal(size=(6, 2))
    before, after = seed_ellipse(points).outline(), seed_ellipse(3 * points + 5).outline()
    assert np.allclose(after, 3 * before + 5)


@pytest.mark.parametrize("count", [3, 5, 20])
def test_it_holds_as_many_further_seeds_as_it_says(count: int) -> None:
    random = np.random.default_rng(7)
    held = 0
    draws = 4_000
    for _ in range(draws):
        points = random.normal(size=(count, 2))
        apart = random.normal(size=2) - points.mean(axis=0)
        held += float(apart @ np.linalg.solve(np.cov(points.T), apart)) <= -2 * math.log(0.05)
    said = seed_ellipse(random.normal(size=(count, 2))).share_of_further_seeds
    assert held / draws == pytest.approx(said, abs=4 * math.sqrt(said * (1 - said) / draws))
    assert said < 0.95


def test_two_seeds_have_no_ellipse_and_seeds_on_a_line_a_flat_one() -> None:
    assert seed_ellipse([(0.5, 0.5), (0.6, 0.4)]) is None
    line = seed_ellipse([(0.5, 0.5), (0.6, 0.6), (0.7, 0.7)]).outline()
    assert np.isfinite(line).all()
    assert np.allclose(line[:, 0], line[:, 1])
