"""A figure shows the numbers it was given, on a fixed scale, in the language it was told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmoe_core.viz import (
    DARK,
    LIGHT,
    balance_curve,
    cardinality_dots,
    distance_curve,
    distance_heatmap,
    effective_experts_curve,
    gate_distribution,
    gate_film,
    gate_heatmap,
    gate_player,
    gate_ridges,
    label_funnel,
    segment_heatmap,
)

EXPERTS = ["E1", "E2", "E3"]
USAGE = pd.DataFrame([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], index=["click", "purchase"], columns=EXPERTS)


def test_the_heatmap_shows_the_numbers_on_a_scale_from_0_to_1() -> None:
    (heat,) = gate_heatmap(USAGE, LIGHT).data
    assert np.array_equal(heat.z, USAGE.to_numpy())
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert ["click" in heat.y[0], "purchase" in heat.y[1]] == [True, True]


def test_the_untrained_gate_stands_beneath_each_task() -> None:
    (heat,) = gate_heatmap(USAGE, LIGHT, untrained=USAGE * 0 + 1 / 3).data
    assert [name.strip("\u200b") for name in heat.y[1::2]] == ["untrained", "untrained"]
    assert len(set(heat.y)) == 4
    assert np.allclose(heat.z[1], 1 / 3)


def test_words_are_said_in_the_reader_s_language() -> None:
    look = LIGHT.saying(lambda word: {"click": "点击", "untrained": "未训练"}.get(word, word))
    (heat,) = gate_heatmap(USAGE, look, untrained=USAGE).data
    assert "点击" in heat.y[0]
    assert heat.y[1].startswith("未训练")


def test_a_task_keeps_its_colour_on_either_ground() -> None:
    assert LIGHT.task(["click", "purchase"], "purchase") == "#D55E00"
    assert DARK.task(["click", "purchase"], "purchase") == "#F0A35E"


def test_the_same_numbers_make_the_same_figure() -> None:
    assert gate_heatmap(USAGE, LIGHT).to_json() == gate_heatmap(USAGE.copy(), LIGHT).to_json()


def test_a_name_is_text_never_markup() -> None:
    assert "&lt;b&gt;" in LIGHT.named(["<b>"], "<b>")


def test_many_experts_are_drawn_without_printed_numbers() -> None:
    wide = pd.DataFrame(np.full((1, 64), 1 / 64), index=["click"], columns=[f"E{i}" for i in range(64)])
    (heat,) = gate_heatmap(wide, LIGHT).data
    assert heat.texttemplate is None


def test_segments_of_many_experts_are_not_printed_beside_their_long_names() -> None:
    index = pd.MultiIndex.from_product([["a"], ["click"]])
    for num_experts, is_printed in ((8, True), (9, False)):
        usage = pd.DataFrame([[1 / num_experts] * num_experts], index=index).assign(rows=7)
        (heat,) = segment_heatmap(usage, LIGHT, tasks=["click"]).data
        assert (heat.texttemplate is not None) == is_printed
        assert (heat.zmin, heat.zmax) == (0, 1)
        assert not is_printed or heat.text[0][0] == ".12"


def test_segments_stand_down_one_panel_per_task() -> None:
    index = pd.MultiIndex.from_product([["a", "b"], ["click", "purchase"]])
    usage = pd.DataFrame(np.arange(12).reshape(4, 3) / 12, index=index, columns=EXPERTS)
    left, right = segment_heatmap(usage.assign(rows=[7, 7, 1200, 1200]), LIGHT, tasks=["click", "purchase"]).data
    assert np.array_equal(left.z, usage.xs("click", level=1).to_numpy())
    assert np.array_equal(right.z, usage.xs("purchase", level=1).to_numpy())
    assert list(left.y) == ["a · 7", "b · 1,200"]


def test_the_film_runs_from_left_to_right() -> None:
    frames = pd.DataFrame([[0.4, 0.6], [0.1, 0.9]], index=[0, 10], columns=["E1", "E2"])
    (heat,) = gate_film({"click": frames}, LIGHT).data
    assert list(heat.x) == [0, 10]
    assert np.array_equal(heat.z, frames.to_numpy().T)


def test_the_distribution_is_in_shares_of_rows() -> None:
    histogram = np.zeros((1, 2, 20), dtype=int)
    histogram[0, 0, 3], histogram[0, 0, 4], histogram[0, 1, 19] = 3, 1, 4
    (ridges,) = gate_distribution(histogram, ["click"], ["E1", "E2"], LIGHT).data
    said = [text for text in dict.fromkeys(ridges.text) if text and not text.endswith(" 0.0%")]
    assert said == ["E1: 75.0%", "E1: 25.0%", "E2: 100.0%"]
    heights = [0.5 - y for y in ridges.y[: ridges.y.index(None)]]
    assert max(heights) == pytest.approx(0.75 * 0.92)


def test_ridges_go_on_from_the_untrained_gate_step_by_step() -> None:
    shares = pd.DataFrame([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], index=[0, 1_000, 2_000], columns=[0.25, 0.75])
    figure = gate_ridges(shares, LIGHT, color=LIGHT.tasks[1])
    assert [trace.line.color for trace in figure.data] == [LIGHT.quiet, LIGHT.tasks[1], LIGHT.tasks[1]]
    assert list(figure.layout.yaxis.ticktext) == ["untrained", "1,000", "2,000"]
    assert {text for text in figure.data[1].text if text} == {"step 1,000: 50.0%"}
    for place, trace in enumerate(figure.data):  # each stands on its own line, as high as its share
        area = np.diff(trace.x[:-2]) @ (place - np.array(trace.y[1:-2], dtype=float))
        assert area == pytest.approx(3.2 * 0.5)


def test_the_player_has_a_frame_per_snapshot_and_opens_at_the_last() -> None:
    film = {
        "click": pd.DataFrame([[0.4, 0.6], [0.1, 0.9]], index=[0, 1_000], columns=["E1", "E2"]),
        "purchase": pd.DataFrame([[0.5, 0.5], [0.8, 0.2]], index=[0, 1_000], columns=["E1", "E2"]),
    }
    figure = gate_player(film, LIGHT)
    last = [[0.1, 0.9], [0.4, 0.6], [0.8, 0.2], [0.5, 0.5]]  # beneath each reader its untrained gate
    assert np.array_equal(figure.data[0].z, last)
    assert np.array_equal(figure.frames[1].data[0].z, last)
    assert np.array_equal(figure.frames[0].data[0].z, [[0.4, 0.6], [0.4, 0.6], [0.5, 0.5], [0.5, 0.5]])
    (scrubber,) = figure.layout.sliders
    assert scrubber.active == 1
    assert [step.label for step in scrubber.steps] == [frame.name for frame in figure.frames] == ["0", "1,000"]


def test_distances_stand_below_the_diagonal_and_untrained_ones_above() -> None:
    now, untrained = (pd.DataFrame([[0, d], [d, 0]], index=["a", "b"], columns=["a", "b"]) for d in (0.7, 0.1))
    (heat,) = distance_heatmap(now, untrained, LIGHT).data
    assert (heat.z[1, 0], heat.z[0, 1]) == (0.7, 0.1)
    assert np.isnan(np.diag(heat.z)).all()
    line, dotted = distance_curve(pd.Series([0.1, 0.7], index=[0, 50]), LIGHT).data
    assert list(line.y) == [0.1, 0.7]
    assert list(dotted.y) == [0.1, 0.1]


def test_effective_experts_end_with_their_number_in_the_task_s_colour() -> None:
    figure = effective_experts_curve(pd.DataFrame({"click": [7.9, 3.25]}, index=[0, 50]), LIGHT, num_experts=8)
    assert figure.layout.annotations[0].text.strip() == "click 3.2"
    assert figure.layout.annotations[0].font.color == LIGHT.tasks[0]


def test_the_label_at_the_end_of_a_curve_has_room_beside_the_plot() -> None:
    long, short = (
        effective_experts_curve(pd.DataFrame({name: [7.9, 3.25]}, index=[0, 50]), LIGHT, num_experts=8).layout
        for name in ("never married", "click")
    )
    assert long.xaxis.range == (0, 50)
    assert long.margin.r > short.margin.r > 60


def test_a_weight_s_line_ends_with_its_number_and_negative_ones_are_drawn() -> None:
    weights = pd.DataFrame({"click": [1.0, 0.4], "purchase": [1.0, -0.25]}, index=[1, 50])
    figure = balance_curve(weights, LIGHT)
    assert [list(line.y) for line in figure.data] == [[1.0, 0.4], [1.0, -0.25]]
    assert figure.layout.yaxis.type != "log"
    assert [label.text.strip() for label in figure.layout.annotations] == ["click 0.40", "purchase -0.25"]
    assert figure.layout.annotations[1].font.color == LIGHT.tasks[1]
    assert balance_curve(weights.iloc[:0], LIGHT).layout.annotations[0].text == "No steps recorded yet."


def test_empty_frames_become_a_sentence() -> None:
    for figure in (
        gate_heatmap(pd.DataFrame(), LIGHT),
        gate_film({}, LIGHT),
        segment_heatmap(pd.DataFrame(), LIGHT, tasks=[]),
    ):
        assert figure.layout.annotations[0].text == "No gates recorded yet."


def test_the_funnel_prints_counts_and_shares() -> None:
    figure = label_funnel({"click": 120, "purchase": 6}, 1000, LIGHT)
    assert list(figure.data[0].x) == [1000, 120, 6]
    rows, click, purchase = (one.text for one in figure.layout.annotations)
    assert rows.endswith("1,000")
    assert click.endswith("120 · CTR 12.000%")
    assert purchase.endswith("6 · CTCVR 0.600% · CVR 5.000%")


def test_only_clicks_and_purchases_have_the_field_s_terms() -> None:
    income, education = label_funnel({"income": 120, "education": 6}, 1000, LIGHT).layout.annotations[1:]
    assert income.text.endswith("120 · 12.000%")
    assert education.text.endswith("6 · 0.600%")


def test_the_funnel_draws_no_bar_from_a_zero_that_a_log_axis_has_not() -> None:
    figure = label_funnel({"click": 120, "purchase": 0}, 1000, LIGHT)
    assert [trace.type for trace in figure.data] == ["scatter"]
    assert figure.data[0].x[2] is None
    assert figure.layout.annotations[2].text.endswith("0 · CTCVR 0.000% · CVR 0.000%")
    assert figure.layout.xaxis.range[1] >= 3
    assert "from 1" in figure.layout.xaxis.title.text


def test_fields_are_ordered_by_size() -> None:
    (dots,) = cardinality_dots({"205": 4000, "101": 3000, "301": 3}, LIGHT).data
    assert list(dots.y) == ["301", "101", "205"]
