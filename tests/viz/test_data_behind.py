"""The numbers behind a figure are the numbers that it was drawn from, whichever kind it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmoe_core.analysis import calibration_frame, mean_curve
from mmoe_core.config import Audience
from mmoe_core.data import Histogram
from mmoe_core.viz import (
    LIGHT,
    auc_intervals,
    balance_curve,
    calibration_curve,
    data_behind,
    effective_experts_curve,
    empty_figure,
    gate_distribution,
    gate_film,
    gate_heatmap,
    gate_player,
    label_funnel,
    marginal_dots,
    seesaw_plane,
    validation_curves,
    value_histograms,
)

TASKS = ["click", "purchase"]
EXPERTS = ["E1", "E2", "E3"]
USAGE = pd.DataFrame([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], index=TASKS, columns=EXPERTS)


def test_a_heatmap_is_a_row_per_cell_named_without_markup() -> None:
    found = data_behind(gate_heatmap(USAGE, LIGHT))
    assert found["kind"].unique().tolist() == ["heatmap"]
    cells = found.pivot_table(index="y", columns="x", values="z")
    pd.testing.assert_frame_equal(cells, USAGE, check_names=False)


def test_what_cannot_be_heard_has_no_number_and_a_sentence() -> None:
    audience = Audience(
        tuple(TASKS), tuple(TASKS), tuple(EXPERTS), (None,) * 3, ((True, True, False), (True,) * 3), has_choice=True
    )
    found = data_behind(gate_heatmap(USAGE, LIGHT, audience=audience))
    assert found.loc[(found["x"] == "E3") & (found["y"] == "click") & (found["kind"] == "heatmap"), "z"].isna().all()
    assert found.loc[found["kind"] == "scatter", "text"].tolist() == ["click cannot hear E3"]


def test_panels_keep_their_titles() -> None:
    film = {task: pd.DataFrame([row, row[::-1]], index=[0, 5], columns=EXPERTS) for task, row in USAGE.iterrows()}
    found = data_behind(gate_film(film, LIGHT))
    for task in TASKS:
        cells = found[found["panel"] == task].pivot_table(index="x", columns="y", values="z")
        assert np.array_equal(cells.to_numpy(), film[task].to_numpy())
        assert cells.index.tolist() == [0, 5]


def test_a_film_keeps_every_moment() -> None:
    film = {task: pd.DataFrame([row, row[::-1]], index=[0, 5], columns=EXPERTS) for task, row in USAGE.iterrows()}
    found = data_behind(gate_player(film, LIGHT))
    of_click = found[found["y"] == "click"].pivot_table(index="frame", columns="x", values="z")
    assert of_click.index.tolist() == ["0", "5"]
    assert np.array_equal(of_click.to_numpy(), film["click"].to_numpy())


def test_bins_are_a_row_each() -> None:
    histogram_REK = np.arange(1, 13).reshape(2, 2, 3)
    found = data_behind(gate_distribution(histogram_REK, TASKS, EXPERTS[:2], LIGHT))
    assert np.allclose(found["said 1"], (histogram_REK / histogram_REK.sum(-1, keepdims=True)).ravel())
    assert np.allclose(found["x"], np.tile([1 / 6, 1 / 2, 5 / 6], 4))
    assert found["panel"].tolist() == ["click"] * 6 + ["purchase"] * 6
    bins = {"price": Histogram(edges=(0.0, 1.0, 3.0), counts=(3, 1), is_log=False)}
    found = data_behind(value_histograms(bins, LIGHT))
    assert found["y"].tolist() == [0.75, 0.25]
    assert found["said 1"].tolist() == ["0 – 1", "1 – 3"]


def test_lines_are_named_and_their_axes_too() -> None:
    frame = pd.DataFrame({"click": [2.5, 2.0], "purchase": [3.0, 1.0]}, index=[0, 10])
    found = data_behind(effective_experts_curve(frame, LIGHT, num_experts=4))
    pd.testing.assert_frame_equal(
        found.pivot_table(index="x", columns="series", values="y"), frame, check_names=False, check_index_type=False
    )
    assert found["up"].unique().tolist() == ["effective experts"]
    assert data_behind(balance_curve(frame, LIGHT))["y"].tolist() == [2.5, 2.0, 3.0, 1.0]


def test_a_band_is_its_two_ends_and_belongs_to_its_line() -> None:
    seeds = [
        pd.DataFrame({"step": [2, 4], "task": "click", "value": values, "low": np.nan, "high": np.nan, "positives": 9})
        for values in ([0.6, 0.7], [0.5, 0.8])
    ]
    figure = validation_curves({"A, B": mean_curve(seeds)}, {"click": "AUC"}, LIGHT, tasks=TASKS, bands=["A, B"])
    found = data_behind(figure)
    ends, line = found[found["low"].notna()], found[found["y"].notna()]
    assert ends[["x", "low", "high"]].to_numpy().tolist() == [[2, 0.5, 0.6], [4, 0.7, 0.8]]
    assert line["y"].tolist() == [0.55, 0.75]
    assert found["series"].unique().tolist() == ["A, B"]
    assert found["panel"].unique().tolist() == ["click · AUC"]


def test_an_ellipse_is_its_outline() -> None:
    draw = np.random.default_rng(1)
    runs = pd.DataFrame(draw.normal(0.7, 0.01, (5, 2)), columns=TASKS).assign(weight=1.0, told="a run")
    found = data_behind(seesaw_plane(runs, ("click", "purchase"), {}, LIGHT))
    outline = found[found["series"] == "ellipse"]
    assert len(outline) > 20
    assert outline[["x", "y"]].notna().all(axis=None)
    assert np.allclose(outline[["x", "y"]].iloc[[0]], outline[["x", "y"]].iloc[[-1]])
    dots = found[found["text"] == "a run"][["x", "y"]]
    assert np.allclose(np.sort(dots.to_numpy(), axis=0), np.sort(runs[TASKS].to_numpy(), axis=0))


def test_an_interval_stands_beside_its_dot() -> None:
    draw = np.random.default_rng(1)
    curve = calibration_frame(draw.random(400) < 0.4, draw.random(400))
    found = data_behind(calibration_curve({"click": curve}, "click", LIGHT, tasks=TASKS))
    dots = found[found["low"].notna()]
    assert np.allclose(dots[["x", "y", "low", "high"]], curve[["predicted", "observed", "low", "high"]])
    assert np.allclose(dots["said 6"].astype(float), curve["rows"])


def test_the_gap_between_two_lines_is_no_point() -> None:
    aucs = pd.DataFrame(
        [["mmoe", seed, "click", 0.7, 0.6, 0.8, np.nan] for seed in (1, 2)],
        columns=["kind", "seed", "task", "auc", "low", "high", "oracle"],
    )
    found = data_behind(auc_intervals(aucs, ["click"], LIGHT))
    assert found["x"].tolist() == [0.6, 0.8, 0.6, 0.8, 0.7, 0.7, 0.7]
    found = data_behind(marginal_dots({"CTR": (0.03, 0.04)}, LIGHT))
    assert found.loc[found["series"].notna(), ["series", "x"]].to_numpy().tolist() == [
        ["published", 0.03],
        ["simulated", 0.04],
    ]


def test_dots_keep_their_counts() -> None:
    found = data_behind(label_funnel({"click": 40, "purchase": 0}, 1000, LIGHT))
    assert found[["y", "x"]].to_numpy().tolist() == [["rows", 1000], ["click", 40]]


def test_a_sentence_has_no_data() -> None:
    assert data_behind(empty_figure("No gates recorded yet.", LIGHT)).empty
