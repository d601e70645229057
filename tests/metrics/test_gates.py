"""Numbers about gate weights, against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmoe_core.metrics import effective_experts, gate_level, js_distance, mutual_information_bits
from mmoe_core.records import HISTOGRAM_BINS, GateSnapshot, record_from_json

positive_weights = st.lists(st.floats(0.001, 1), min_size=3, max_size=3).map(np.array)


@pytest.mark.parametrize("num_experts", [1, 2, 8])
def test_effective_experts_is_all_for_a_uniform_gate_and_one_for_a_chosen_expert(num_experts: int) -> None:
    assert effective_experts(np.full(num_experts, 1 / num_experts)) == pytest.approx(num_experts)
    assert effective_experts(np.eye(num_experts)[0]) == 1.0


def test_distance_is_0_for_equal_and_1_for_disjoint_gates() -> None:
    assert js_distance([0.3, 0.7], [0.3, 0.7]) == 0.0
    assert js_distance([1.0, 0.0], [0.0, 1.0]) == 1.0
    assert js_distance([1.0, 0.0], [0.5, 0.5]) == pytest.approx(0.5579230452841438)  # sqrt(.75 log2(4/3))


@given(positive_weights, positive_weights, positive_weights)
def test_distance_is_a_metric(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    a, b, c = a / a.sum(), b / b.sum(), c / c.sum()
    assert js_distance(a, b) == pytest.approx(js_distance(b, a), abs=1e-7)
    assert js_distance(a, c) <= js_distance(a, b) + js_distance(b, c) + 1e-6


def test_information_is_the_entropy_of_a_copy_and_0_of_a_constant() -> None:
    a = np.array(["x", "y", "z", "w"] * 10)
    assert mutual_information_bits(a, np.repeat(1, 40)) == 0.0
    assert mutual_information_bits(a, a) == pytest.approx(2.0)
    assert mutual_information_bits(a, np.isin(a, ["x", "y"])) == pytest.approx(1.0)


def test_information_of_independent_columns_is_near_0() -> None:
    draw = np.random.default_rng(1)
    assert mutual_information_bits(draw.integers(0, 8, 20_000), draw.integers(0, 3, 20_000)) < 0.002


def test_a_gate_level_counts_every_row_once_per_weight() -> None:
    weights_BRE = np.array([[[0.0, 1.0]], [[0.5, 0.5]], [[0.049, 0.951]]], dtype=np.float32)
    level = gate_level(["click"], ["E1", "E2"], weights_BRE)
    assert level.mean_RE[0] == pytest.approx((0.183, 0.817))
    assert level.sd_RE[0] == pytest.approx((np.std([0, 0.5, 0.049]),) * 2, abs=1e-6)
    first, second = level.histogram_REK[0]
    assert len(first) == HISTOGRAM_BINS
    assert (first[0], first[10], sum(first)) == (2, 1, 3)
    assert (second[19], second[10], sum(second)) == (2, 1, 3)


def test_a_gate_level_survives_json() -> None:
    weights_BRE = np.random.default_rng(1).dirichlet(np.ones(4), size=(50, 2)).astype(np.float32)
    snapshot = GateSnapshot(step=0, levels=(gate_level(["a", "b"], ["E1", "E2", "E3", "E4"], weights_BRE),))
    assert record_from_json(snapshot.model_dump_json()) == snapshot
