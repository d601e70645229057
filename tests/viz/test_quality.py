"""Pictures of quality: honest axes, a dot per bin, a full dot only where 0 is left out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from mmoe_core.analysis import calibration_frame
from mmoe_core.viz import DARK, LIGHT, calibration_curve, gain_dots

TASKS = ("click", "dwell", "purchase")


def curves() -> dict[str, pd.DataFrame]:
    draw = np.random.default_rng(1)
    often, seldom = draw.beta(2, 2, 1000), draw.beta(1, 300, 1000)
    return {
        "click": calibration_frame(draw.random(1000) < often, often),
        "purchase": calibration_frame(draw.random(1000) < seldom, seldom),
    }


def test_a_calibration_curve_has_a_dot_and_an_interval_per_bin_on_axes_from_0_to_1() -> None:
    drawn = curves()
    figure = calibration_curve(drawn, "click", LIGHT, tasks=TASKS)
    right, line, dots = figure.data
    assert (list(right.x), list(right.y)) == ([0, 1], [0, 1])
    assert np.array_equal(dots.x, drawn["click"]["predicted"])
    assert np.array_equal(dots.y, line.y)
    assert np.allclose(dots.y + dots.error_y.array, drawn["click"]["high"])
    assert np.allclose(dots.y - dots.error_y.arrayminus, drawn["click"]["low"])
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (0, 1)
    assert figure.layout.xaxis.type is None
    assert "rows per dot: 100" in figure.layout.annotations[0].text


def test_a_task_has_its_colour_though_regressions_have_no_curve() -> None:
    for look in (LIGHT, DARK):
        figure = calibration_curve(curves(), "purchase", look, tasks=TASKS)
        assert figure.data[2].marker.color == look.tasks[2]
        assert look.tasks[2] in figure.layout.annotations[0].text


def test_the_logarithmic_scale_is_said_is_the_same_for_all_tasks_and_hides_no_empty_bin() -> None:
    drawn = curves()
    click, purchase = (calibration_curve(drawn, task, LIGHT, tasks=TASKS, scale="log") for task in drawn)
    assert click.layout.xaxis.range == click.layout.yaxis.range == purchase.layout.xaxis.range
    assert click.layout.xaxis.type == click.layout.yaxis.type == "log"
    assert "log scale" in click.layout.xaxis.title.text
    low, high = (10.0**end for end in click.layout.xaxis.range)
    for curve in drawn.values():
        assert curve["predicted"].between(low, high).all()
        assert (curve["high"] <= high).all()
    _, line, dots = purchase.data
    is_empty = drawn["purchase"]["positives"].eq(0).to_numpy()
    assert is_empty.any()
    assert (dots.marker.symbol == "circle-open").tolist() == is_empty.tolist()
    assert np.allclose(dots.y[is_empty], low)
    assert np.isnan(np.asarray(line.y)[is_empty]).all()
    assert np.allclose((dots.y + dots.error_y.array)[is_empty], drawn["purchase"]["high"][is_empty])


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_one_certain_bin_still_has_a_logarithmic_scale(probability: float) -> None:
    only = {"click": calibration_frame([1, 1], [probability] * 2)}
    low, high = calibration_curve(only, "click", LIGHT, tasks=["click"], scale="log").layout.xaxis.range
    assert low < high == 0


def test_no_rows_are_a_sentence() -> None:
    figure = calibration_curve({"click": calibration_frame([], [])}, "click", LIGHT, tasks=["click"])
    assert figure.layout.annotations[0].text == "No row says anything of this task."


def test_a_gain_is_full_only_where_its_interval_leaves_out_0() -> None:
    gains = pd.DataFrame(
        [[0.02, 0.01, 0.03], [0.02, -0.01, 0.05], [0.3, math.nan, math.nan], [math.nan] * 3],
        index=["click", "purchase", "like", "share"],
        columns=["gain", "low", "high"],
    )
    figure = gain_dots(gains, LIGHT, mean=(0.02, (-0.01, 0.05)))
    lines, dots = figure.data[::2], figure.data[1::2]
    assert [dot.marker.color == LIGHT.ground for dot in dots] == [False, True, True, True, True]
    assert [dot.marker.line.color for dot in dots] == [*LIGHT.tasks[:4], LIGHT.ink]
    assert list(lines[1].x) == [-0.01, 0.05]
    texts = [one.text for one in figure.layout.annotations]
    assert texts[0].endswith("+2.00% [+1.00%, +3.00%]")
    assert texts[1].endswith("+2.00% [−1.00%, +5.00%]")
    assert texts[2].endswith("+30.00%")
    assert texts[3].endswith("undefined")
    assert texts[4].startswith("<b>Δ</b>")
    low, high = figure.layout.xaxis.range
    assert low == -high
    assert high > 0.3


def test_a_tiny_gain_does_not_fill_the_picture() -> None:
    gains = pd.DataFrame([[0.0001, -0.0001, 0.0003]], index=["click"], columns=["gain", "low", "high"])
    figure = gain_dots(gains, LIGHT, mean=None)
    assert figure.layout.xaxis.range[1] >= 0.01
    assert len(figure.data) == 2
