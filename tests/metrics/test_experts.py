"""Similarity of experts against its definition by kernels, and what must not change it; units that are dead."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.metrics import dead_units, linear_cka

ROWS = 200


def drawn(width: int, seed: int) -> np.ndarray:
    return np.maximum(np.random.default_rng(seed).normal(size=(ROWS, width)), 0)


def by_kernels(x_BH: np.ndarray, y_BI: np.ndarray) -> float:
    """HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)) of the rows' Gram matrices, centred by H = 1 - 11ᵀ / B."""
    centring = np.eye(ROWS) - 1 / ROWS

    def hsic(k_BB: np.ndarray, l_BB: np.ndarray) -> float:
        return float(np.trace(k_BB @ centring @ l_BB @ centring)) / (ROWS - 1) ** 2

    k_BB, l_BB = x_BH @ x_BH.T, y_BI @ y_BI.T
    return hsic(k_BB, l_BB) / np.sqrt(hsic(k_BB, k_BB) * hsic(l_BB, l_BB))


@pytest.mark.parametrize("seed", range(5))
def test_cka_is_its_definition_by_kernels(seed: int) -> None:
    x_BH, y_BI = drawn(4, seed), drawn(7, seed + 50)
    y_BI[:, 0] += x_BH[:, 1] * seed  # from unrelated to much alike
    assert linear_cka(x_BH, y_BI) == pytest.approx(by_kernels(x_BH, y_BI), rel=1e-10)
    assert linear_cka(y_BI, x_BH) == pytest.approx(linear_cka(x_BH, y_BI), rel=1e-12)


def test_turning_scaling_and_shifting_change_nothing() -> None:
    x_BH, y_BH = drawn(5, 1), drawn(5, 2)
    turn_HH, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(5, 5)))
    found = linear_cka(x_BH, y_BH)
    assert linear_cka(x_BH @ turn_HH * 1e-9 + 4e-9, y_BH * 7e200 - 1) == pytest.approx(found, rel=1e-9)


def test_twins_are_alike_and_a_twin_turned_as_well() -> None:
    x_BH = drawn(6, 1)
    assert linear_cka(x_BH, x_BH) == pytest.approx(1, abs=1e-12)
    assert linear_cka(x_BH, x_BH[:, ::-1] * 3) == pytest.approx(1, abs=1e-12)


def test_a_linear_map_that_is_no_turn_makes_a_difference() -> None:
    x_BH = drawn(3, 1)
    assert linear_cka(x_BH, x_BH * [1, 5, 25]) < 0.9


def test_who_says_the_same_on_every_row_is_like_nobody() -> None:
    constant_BH = np.full((ROWS, 3), 0.1)
    assert linear_cka(constant_BH, drawn(3, 1)) is None
    assert linear_cka(drawn(3, 1), np.where(drawn(3, 2) > 1, np.nan, 0.0)) is None


def test_a_unit_is_dead_if_no_row_wakes_it() -> None:
    said_EBU = np.array([[[0, 1, 0], [0, 0, -2]], [[0, 0, 0], [3, 0, np.nan]]])
    assert dead_units(said_EBU).tolist() == [[True, False, True], [False, True, False]]
