"""A difference is drawn where it is, full only where its interval leaves 0 out, around 0 in the middle."""

from __future__ import annotations

import math

import pandas as pd

from mmoe_core.viz import LIGHT, difference_dots

TASKS = ("click", "like", "dwell")
FOUND = pd.DataFrame(
    {"difference": [-0.05, 0.01, 0.02], "low": [-0.06, -0.01, math.nan], "high": [-0.04, 0.03, math.nan]}, index=TASKS
)


def test_a_full_dot_is_told_from_no_difference_and_an_open_one_is_not() -> None:
    figure = difference_dots(FOUND, LIGHT, tasks=TASKS, title="change")
    dots = figure.data[1::2]
    assert [dot.x[0] for dot in dots] == [-0.05, 0.01, 0.02]
    assert [dot.marker.color for dot in dots] == [LIGHT.tasks[0], LIGHT.ground, LIGHT.ground]
    assert [dot.marker.line.color for dot in dots] == list(LIGHT.tasks[:3])
    assert tuple(figure.data[0].x) == (-0.06, -0.04)


def test_no_difference_is_the_middle_and_everything_is_inside() -> None:
    low, high = difference_dots(FOUND, LIGHT, tasks=TASKS, title="change").layout.xaxis.range
    assert low == -high
    assert high > 0.06


def test_numbers_are_said_with_the_sign_of_a_minus() -> None:
    texts = [one.text for one in difference_dots(FOUND, LIGHT, tasks=TASKS, title="change").layout.annotations]
    assert texts[0].endswith("−0.0500 [−0.0600, −0.0400]")
    assert texts[2].endswith("+0.0200")


def test_nothing_to_compare_is_said() -> None:
    figure = difference_dots(FOUND.iloc[:0], LIGHT, tasks=TASKS, title="change")
    assert "No difference can be measured" in figure.layout.annotations[0].text
