"""Numbers about gates, on gates drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis import (
    expert_usage,
    gate_distance,
    gate_statistics,
    segment_information_bits,
    usage_by_segment,
)

READERS, EXPERTS = ("click", "purchase"), ("E1", "E2", "E3")
SEGMENTS = np.array(["a", "a", "b", "b"])
# click: E1 in segment a, E2 in b. purchase: the same mixture everywhere.
GATES_BRE = np.array([[[1.0, 0, 0], [0.5, 0.25, 0.25]]] * 2 + [[[0, 1.0, 0], [0.5, 0.25, 0.25]]] * 2, dtype=np.float32)


def test_usage_is_the_mean_by_name() -> None:
    usage = expert_usage(GATES_BRE, READERS, EXPERTS)
    assert usage.loc["click"].tolist() == [0.5, 0.5, 0.0]
    assert usage.loc["purchase", "E1"] == 0.5
    np.testing.assert_allclose(usage.sum(axis=1), 1)


def test_usage_by_segment_shows_what_the_mean_hides() -> None:
    usage = usage_by_segment(GATES_BRE, READERS, EXPERTS, SEGMENTS)
    assert usage.index.to_list() == [("a", "click"), ("a", "purchase"), ("b", "click"), ("b", "purchase")]
    assert usage.loc[("a", "click"), list(EXPERTS)].tolist() == [1, 0, 0]
    assert usage.loc[("b", "click"), list(EXPERTS)].tolist() == [0, 1, 0]
    assert usage["rows"].tolist() == [2, 2, 2, 2]


def test_the_segments_weighted_by_their_rows_make_the_whole() -> None:
    draw = np.random.default_rng(1)
    gates, segments = draw.dirichlet(np.ones(3), size=(50, 2)), draw.integers(0, 4, 50)
    parts = usage_by_segment(gates, READERS, EXPERTS, segments)
    whole = parts[list(EXPERTS)].mul(parts["rows"], axis=0).groupby("reader").sum() / 50
    np.testing.assert_allclose(whole, expert_usage(gates, READERS, EXPERTS))


def test_statistics_tell_a_row_that_hears_one_expert_from_a_task_that_hears_one() -> None:
    found = gate_statistics(GATES_BRE, READERS, EXPERTS)
    assert found.loc["click", "effective_experts"] == 1.0
    assert found.loc["click", "effective_experts_overall"] == pytest.approx(2.0)
    assert found.loc["purchase", "effective_experts"] == pytest.approx(2**1.5)
    assert found.loc["purchase", "entropy_nats"] == pytest.approx(1.5 * np.log(2))
    assert (found.loc["purchase", "top_expert"], found.loc["purchase", "top_share"]) == ("E1", 0.5)


def test_distance_is_the_mean_over_every_two_readers() -> None:
    gates = np.array([[[1.0, 0], [0, 1.0], [0, 1.0]]])
    assert gate_distance(gates) == pytest.approx(2 / 3)
    assert gate_distance(gates[:, :2]) == 1.0
    assert gate_distance(gates[:, :1]) is None


def test_the_top_expert_tells_the_segment_only_where_the_gate_follows_it() -> None:
    assert segment_information_bits(GATES_BRE, READERS, SEGMENTS) == {"click": pytest.approx(1.0), "purchase": 0.0}
