"""Cosines, conflicts and norms over training, by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mmoe_core.analysis import conflicts, cosines_over_time, norms_over_time, smoothed
from mmoe_core.records import GradientSnapshot, LevelPulls, Pulls

TASKS = ("click", "purchase", "like")
GROUPS = [("embeddings", ""), ("expert", "shared"), ("expert", "E2"), ("shared", "")]  # an expert may be called shared


def pulls(*cosines: float | None) -> Pulls:
    return Pulls(norms_T=(1.0, 2.0, 4.0), cosines_P=cosines)


def snapshot(step: int, of_embeddings: float, of_expert: float | None) -> GradientSnapshot:
    experts = LevelPulls(experts=("shared", "E2"), pulls_E=(pulls(0.1, of_expert, 0.3), pulls(None, None, 0.0)))
    below = LevelPulls(experts=("under",), pulls_E=(pulls(-1.0, -1.0, -1.0),))
    return GradientSnapshot(
        step=step,
        tasks=TASKS,
        embeddings=pulls(0.5, of_embeddings, -0.5),
        levels=(below, experts),
        shared=pulls(0.9, 0.8, 0.7),
    )


SNAPSHOTS = [snapshot(1, -0.25, None), snapshot(10, 0.25, -0.5), snapshot(20, 0.0, 0.5)]


def test_a_column_per_group_and_a_row_per_watched_step() -> None:
    found = cosines_over_time(SNAPSHOTS, "click", "like")
    assert [*found.columns] == GROUPS
    assert [*found.index] == [1, 10, 20]
    assert found[("embeddings", "")].tolist() == [-0.25, 0.25, 0.0]
    assert found[("shared", "")].tolist() == [0.8] * 3
    assert math.isnan(found[("expert", "shared")].iloc[0])
    assert found[("expert", "shared")].tolist()[1:] == [-0.5, 0.5]


def test_a_pair_has_one_cosine_whoever_is_named_first() -> None:
    pd.testing.assert_frame_equal(
        cosines_over_time(SNAPSHOTS, "purchase", "like"), cosines_over_time(SNAPSHOTS, "like", "purchase")
    )
    assert cosines_over_time(SNAPSHOTS, "purchase", "like")[("embeddings", "")].tolist() == [-0.5] * 3


def test_each_level_has_experts_of_its_own() -> None:
    assert [*cosines_over_time(SNAPSHOTS, "click", "like", level=0).columns][1:-1] == [("expert", "under")]


def test_norms_are_those_of_each_task() -> None:
    for group in GROUPS:
        found = norms_over_time(SNAPSHOTS, group)
        assert [*found.columns] == [*TASKS]
        assert [*found.index] == [1, 10, 20]
        assert found.to_numpy().tolist() == [[1.0, 2.0, 4.0]] * 3


def test_conflicts_are_counted_among_the_steps_that_have_an_angle() -> None:
    found = conflicts(cosines_over_time(SNAPSHOTS, "click", "like"))
    assert found["watched"].tolist() == [3, 2, 0, 3]
    assert found["apart"].tolist() == [1, 1, 0, 0]  # a right angle is no conflict
    assert found["share"].tolist()[:2] == pytest.approx([1 / 3, 1 / 2])
    assert found.loc[("expert", "E2"), ["share", "low", "high"]].isna().all()
    z2 = 1.959964**2
    centre, half = (1 / 2 + z2 / 4) / (1 + z2 / 2), 1.959964 * math.sqrt(1 / 8 + z2 / 16) / (1 + z2 / 2)  # Wilson 1927
    assert found.loc[("expert", "shared"), ["low", "high"]].tolist() == pytest.approx([centre - half, centre + half])
    assert found.loc[("shared", ""), ["share", "low"]].tolist() == [0, 0]
    assert found.loc[("shared", ""), "high"] > 0.5  # three steps say little


def test_without_snapshots_there_is_nothing_to_tell() -> None:
    assert cosines_over_time([], "click", "like").empty
    assert norms_over_time([]).empty
    assert conflicts(cosines_over_time([], "click", "like")).empty


def test_smoothing_keeps_the_steps_the_mean_and_a_short_run() -> None:
    short = cosines_over_time(SNAPSHOTS, "click", "like")
    pd.testing.assert_frame_equal(smoothed(short), short)
    swinging = pd.DataFrame({"a": [(-1.0) ** step for step in range(300)]}, index=range(300))
    found = smoothed(swinging)
    assert [*found.index] == [*swinging.index]
    assert found["a"].abs().max() <= 0.1
