"""The clinic's numbers beside their bounds."""

from __future__ import annotations

import pandas as pd

from mmoe_core.viz import LIGHT, check_dots

NAMES = {"starved_task": "share", "polarised_gate": "weight"}


def frame(share: float, weight: float) -> pd.DataFrame:
    rows = [("starved_task", share, 0.01, False), ("polarised_gate", weight, 0.95, True)]
    return pd.DataFrame(rows, columns=["fault", "value", "bound", "is_ill_above"]).set_index("fault")


def test_what_is_ill_is_shaded_on_its_side_of_the_bound() -> None:
    bars = [trace for trace in check_dots({"A": frame(0.2, 0.5)}, LIGHT, names=NAMES).data if trace.type == "bar"]
    sides = [(bar.base[0], round(bar.base[0] + bar.x[0], 6)) for bar in bars]
    assert sides == [(0.0, 0.01), (0.95, 1.0)]


def test_values_beyond_1_stand_at_1_and_say_theirs() -> None:
    *_, dots = check_dots({"A": frame(0.2, 1.5)}, LIGHT, names=NAMES).data
    assert list(dots.x) == [0.2, 1.0]
    assert list(dots.text) == ["0.200", "1.500"]


def test_two_runs_are_told_apart_by_a_legend_and_one_needs_none() -> None:
    one = check_dots({"A": frame(0.2, 0.5)}, LIGHT, names=NAMES)
    two = check_dots({"before": frame(0.0, 0.5), "after": frame(0.2, 0.5)}, LIGHT, names=NAMES)
    assert not one.layout.showlegend
    assert two.layout.showlegend
    assert [trace.name for trace in two.data if trace.type == "scatter"] == ["before", "after"]


def test_nothing_measured_is_said() -> None:
    empty = frame(0, 0).iloc[:0]
    assert "Nothing was measured." in str(check_dots({"A": empty}, LIGHT, names=NAMES).layout.annotations)
