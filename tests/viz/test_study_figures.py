"""Pictures of comparisons over seeds show every seed, the mean, and its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmoe_core.viz import DARK, LIGHT, auc_intervals, information_dots, loss_strips, paired_differences

DIFFERENCES = {("Shared-Bottom − MMoE", p): [0.1, 0.3, p] for p in (1.0, 0.5)}
INTERVALS = dict.fromkeys(DIFFERENCES, (0.2, 0.05, 0.35))
AUCS = pd.DataFrame(
    [
        {"kind": kind, "seed": seed, "task": task, "auc": auc, "low": auc - 0.02, "high": auc + 0.02, "oracle": oracle}
        for kind, auc in (("MMoE", 0.8), ("PLE", 0.7))
        for seed in (1, 2)
        for task, oracle in (("click", 0.9), ("purchase", np.nan))
    ]
)


def numbers(values: object) -> list[float]:
    return [float(value) for value in values if value is not None]  # type: ignore[attr-defined]


def test_each_seed_has_a_dot_in_the_panel_of_its_correlation() -> None:
    figure = paired_differences(DIFFERENCES, INTERVALS, LIGHT)
    dots = {trace.xaxis: numbers(trace.x) for trace in figure.data if trace.marker.opacity is not None}
    assert dots == {"x": [0.1, 0.3, 0.5], "x2": [0.1, 0.3, 1.0]}
    assert [note.text for note in figure.layout.annotations] == ["<b>p = 0.5</b>", "<b>p = 1</b>"]


def test_the_mean_stands_in_its_interval_on_one_scale_with_a_line_at_0() -> None:
    figure = paired_differences(DIFFERENCES, INTERVALS, DARK)
    lines = [numbers(trace.x) for trace in figure.data if trace.mode == "lines"]
    means = [numbers(trace.x) for trace in figure.data if trace.mode == "markers" and trace.marker.opacity is None]
    assert lines == [[0.05, 0.35]] * 2
    assert means == [[0.2]] * 2
    assert {shape.x0 for shape in figure.layout.shapes} == {0}
    assert figure.layout.xaxis.matches == figure.layout.xaxis2.matches == "x"


def test_a_single_seed_has_no_interval() -> None:
    figure = paired_differences({("a", 0.5): [0.1]}, {("a", 0.5): (0.1, None, None)}, LIGHT)
    assert [trace.mode for trace in figure.data] == ["markers", "markers"]


def test_losses_of_one_row_are_seen_apart_and_their_mean_is_a_bar() -> None:
    figure = loss_strips({("MMoE", 0.5): [0.1] * 5, ("Shared-Bottom", 0.5): [0.4]}, LIGHT)
    dots, *_ = figure.data
    assert len(set(dots.y)) == 5
    assert max(abs(place) for place in dots.y) < 0.5
    bars = [numbers(trace.x) for trace in figure.data if trace.marker.symbol == "line-ns"]
    assert bars == [[pytest.approx(0.1)], [0.4]]
    assert figure.layout.xaxis.type == "log"


def test_every_auc_is_drawn_with_its_interval_in_its_task_s_colour() -> None:
    figure = auc_intervals(AUCS, ["click", "purchase"], LIGHT)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [numbers(trace.x) for trace in lines[:2]] == [
        pytest.approx([0.78, 0.82] * 2),
        pytest.approx([0.68, 0.72] * 2),
    ]
    assert [trace.line.color for trace in lines] == [LIGHT.tasks[0]] * 2 + [LIGHT.tasks[1]] * 2
    large = [numbers(trace.x) for trace in figure.data if trace.marker.size == 11]
    assert large == [[pytest.approx(0.8)], [pytest.approx(0.7)]] * 2


def test_the_best_possible_is_dotted_where_it_is_known() -> None:
    figure = auc_intervals(AUCS, ["click", "purchase"], LIGHT)
    assert [shape.x0 for shape in figure.layout.shapes] == [0.9]
    assert ["0.9000" in note.text for note in figure.layout.annotations] == [True, False]


def test_nothing_to_compare_is_a_sentence() -> None:
    for figure in (
        paired_differences({}, {}, LIGHT),
        loss_strips({}, LIGHT),
        auc_intervals(AUCS[:0], ["click"], LIGHT),
    ):
        assert figure.layout.annotations[0].text.endswith(".")


def test_every_seed_has_a_dot_before_and_after_training() -> None:
    bits = pd.DataFrame(
        {
            "seed": [1, 2, 1, 2],
            "task": ["click", "click", "purchase", "purchase"],
            "trained": [1.0, 1.2, 0.3, 0.5],
            "untrained": [0.1, 0.0, 0.1, 0.1],
        }
    )
    figure = information_dots(bits, LIGHT, tasks=["click", "purchase"], most=1.5)
    dots = [trace for trace in figure.data if trace.text is not None]
    assert [list(trace.x) for trace in dots] == [[0.1, 0.0], [1.0, 1.2], [0.1, 0.1], [0.3, 0.5]]
    assert [trace.marker.color for trace in dots] == [LIGHT.ground, LIGHT.tasks[0], LIGHT.ground, LIGHT.tasks[1]]
    assert [note.text for note in figure.layout.annotations] == [
        "untrained 0.05 → trained 1.10",
        "untrained 0.10 → trained 0.40",
    ]
    assert information_dots(bits.iloc[:0], LIGHT, tasks=[], most=1).layout.annotations[0].text.startswith("No training")
