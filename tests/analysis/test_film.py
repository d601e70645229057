"""Snapshots become frames whose numbers are the snapshots' own."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis import (
    distance_matrix,
    distance_over_time,
    effective_experts_over_time,
    keep_largest,
    level_usage,
    rows_over_time,
    thin_out,
    usage_over_time,
)
from mmoe_core.records import GateLevel, GateSnapshot


def snapshot(step: int, *means: tuple[float, ...]) -> GateSnapshot:
    zeros = tuple(tuple(0.0 for _ in mean) for mean in means)
    bins = tuple(tuple((1,) for _ in mean) for mean in means)
    experts = tuple(f"E{place}" for place in range(1, len(means[0]) + 1))
    level = GateLevel(
        readers=("click", "purchase")[: len(means)], experts=experts, mean_RE=means, sd_RE=zeros, histogram_REK=bins
    )
    return GateSnapshot(step=step, levels=(level,))


FILM = [snapshot(0, (0.5, 0.5), (0.5, 0.5)), snapshot(10, (1.0, 0.0), (0.0, 1.0))]


def test_each_reader_has_its_own_film() -> None:
    film = usage_over_time(FILM)
    assert list(film) == ["click", "purchase"]
    assert film["purchase"].loc[10].to_list() == [0.0, 1.0]
    assert level_usage(FILM[1].levels[0]).loc["click"].to_list() == [1.0, 0.0]


def test_effective_experts_run_from_all_to_one() -> None:
    frame = effective_experts_over_time(FILM)
    assert frame["click"].to_list() == pytest.approx([2.0, 1.0])


def test_the_distance_runs_from_none_to_disjoint() -> None:
    assert distance_over_time(FILM).to_list() == pytest.approx([0.0, 1.0])
    assert distance_over_time([snapshot(0, (0.5, 0.5))]).empty


def test_without_snapshots_there_is_nothing() -> None:
    assert usage_over_time([]) == {}
    assert effective_experts_over_time([]).empty
    assert distance_over_time([]).empty


def test_rare_values_share_one_name() -> None:
    kept = keep_largest(["a", "b", "a", "c", "b", "d"], 2, rest="others")
    assert kept.tolist() == ["a", "b", "a", "others", "b", "others"]
    assert np.array_equal(keep_largest(["x"], 5, rest="others"), ["x"])


def test_a_long_film_is_thinned_evenly_and_keeps_its_ends() -> None:
    film = [snapshot(step, (0.5, 0.5)) for step in range(500)]
    kept = thin_out(film, 60)
    assert len(kept) == 60
    assert (kept[0].step, kept[-1].step) == (0, 499)
    gaps = np.diff([one.step for one in kept])
    assert gaps.max() - gaps.min() <= 1
    assert thin_out(film[:60], 60) == film[:60]


def test_the_matrix_has_every_pair_s_distance() -> None:
    matrix = distance_matrix(FILM[1].levels[0])
    assert matrix.to_numpy().tolist() == pytest.approx(np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert distance_matrix(FILM[0].levels[0]).to_numpy().tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_rows_are_shares_of_the_histogram() -> None:
    level = FILM[0].levels[0].model_copy(update={"histogram_REK": (((3, 1), (0, 4)), ((2, 2), (4, 0)))})
    shares = rows_over_time([GateSnapshot(step=7, levels=(level,))], reader="purchase", expert="E1")
    assert shares.loc[7].to_dict() == {0.25: 0.5, 0.75: 0.5}
