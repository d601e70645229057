"""What moves a group of rows is the mean of what moves its segments."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis import mean_reasons
from mmoe_core.config import Census, MmoePaper, SimulatedAliCcp, SimulatedFeed
from mmoe_core.data import true_reasons
from mmoe_core.data.simulator import PROFILES

REASONS = {
    "a": {"click": {"bait": 0.5, "position": 0.5}, "purchase": {"history": 1.0}},
    "b": {"click": {"bait": 1.0}, "purchase": {"bait": 0.5, "history": 0.5}},
}


def test_a_segment_alone_has_its_own_reasons() -> None:
    found = mean_reasons(REASONS, ["a", "a"])
    assert found.loc["click"].to_dict() == {"bait": 0.5, "position": 0.5, "history": 0.0}


def test_a_mixture_has_the_mean_by_rows() -> None:
    found = mean_reasons(REASONS, np.array(["a", "b", "b", "b"]))
    assert found.loc["click"].to_dict() == {"bait": 0.875, "position": 0.125, "history": 0.0}
    assert found.sum(axis=1).to_list() == [1.0, 1.0]


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.5, 1.0])
@pytest.mark.parametrize("profile", ["classroom", "true-rates"])
def test_shares_of_a_utility_sum_to_1_in_every_segment(profile: str, rho: float) -> None:
    truth = true_reasons(SimulatedAliCcp(profile=profile, rho=rho))
    for reasons in truth.by_segment.values():
        for shares in reasons.values():
            assert sum(shares.values()) == pytest.approx(1)
            assert min(shares.values()) > 0


def test_the_classroom_s_truth_is_its_profile_s() -> None:
    truth = true_reasons(SimulatedAliCcp())
    for segment in PROFILES["classroom"].segments:
        found = truth.by_segment[segment.name]
        assert found == {"click": dict.fromkeys(segment.click, 0.5), "purchase": dict.fromkeys(segment.purchase, 0.5)}
    same = true_reasons(SimulatedAliCcp(rho=1.0)).by_segment["browsers"]
    assert same["purchase"] == same["click"]


def test_nobody_knows_the_reasons_of_real_rows() -> None:
    assert true_reasons(Census()) is None
    assert true_reasons(MmoePaper()) is None
    assert set(true_reasons(SimulatedFeed()).by_segment) == {"passers-by", "debaters", "collectors", "fans"}
