"""The seesaw plane joins only means that no other one beats; shares keep their tasks' colours."""

from __future__ import annotations

import pandas as pd
import pytest

from mmoe_core.viz import DARK, LIGHT, Look, seesaw_plane, share_curves

TASKS = ("click", "purchase")


def runs(seeds: int) -> pd.DataFrame:
    means = {0.1: (0.80, 0.60), 1.0: (0.78, 0.70), 10.0: (0.70, 0.65)}  # the last one is beaten by the second
    rows = [
        (weight, a + 0.001 * seed, b + 0.001 * (seed % 2), f"{weight:g}, seed {seed}")
        for weight, (a, b) in means.items()
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=["weight", *TASKS, "told"])


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_the_front_holds_the_means_that_are_not_beaten_and_every_run_is_a_dot(look: Look) -> None:
    traces = {trace.name: trace for trace in seesaw_plane(runs(2), TASKS, {}, look).data}
    assert set(traces) == {"front", "runs", "means"}
    assert list(traces["front"].x) == pytest.approx([0.7805, 0.8005])
    assert len(traces["runs"].x) == 6
    assert list(traces["means"].text) == ["0.1", "1", "10"]


def test_three_seeds_have_ellipses_and_baselines_are_dotted() -> None:
    figure = seesaw_plane(runs(3), TASKS, {"click": 0.75, "purchase": 0.6}, LIGHT)
    assert [trace.name for trace in figure.data].count("ellipse") == 3
    assert [(line.line.dash, line.line.color) for line in figure.layout.shapes] == [
        ("dot", LIGHT.tasks[0]),
        ("dot", LIGHT.tasks[1]),
    ]


def test_a_run_whose_auc_is_undefined_is_no_dot_and_none_is_a_sentence() -> None:
    found = runs(1)
    found.loc[0, "click"] = float("nan")
    traces = {trace.name: trace for trace in seesaw_plane(found, TASKS, {}, LIGHT).data}
    assert len(traces["runs"].x) == 2
    figure = seesaw_plane(found[:0], TASKS, {}, LIGHT)
    assert figure.layout.annotations[0].text == "No run of this sweep has been tested yet."


@pytest.mark.parametrize(("name", "axis"), [("step", "linear"), ("weight", "log")])
def test_shares_have_the_tasks_colours_and_weights_a_logarithmic_axis(name: str, axis: str) -> None:
    columns = pd.MultiIndex.from_product([("loss", "gradient"), TASKS])
    shares = pd.DataFrame([[0.9, 0.1, 0.5, 0.5]] * 2, columns=columns, index=pd.Index([1, 2], name=name))
    figure = share_curves(shares, LIGHT)
    assert [(trace.line.color, trace.line.dash) for trace in figure.data] == [
        (LIGHT.tasks[0], "solid"),
        (LIGHT.tasks[1], "solid"),
        (LIGHT.tasks[0], "dash"),
        (LIGHT.tasks[1], "dash"),
    ]
    assert figure.layout.xaxis.type == axis
    assert share_curves(shares[:0], LIGHT).layout.annotations[0].text == "No steps recorded yet."
