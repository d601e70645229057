"""A task's own experts and the shared ones are told apart in every picture of gates, and "never" is no weight of 0."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import AITM, CGC, PLE, Audience, MultiLevelMMoE, audience
from mmoe_core.viz import (
    LIGHT,
    effective_experts_curve,
    gate_distribution,
    gate_film,
    gate_heatmap,
    segment_heatmap,
)

TASKS = ("click", "purchase")
(CGC_LEVEL,) = audience(CGC(num_task_experts=1, num_shared_experts=2), TASKS)
CLICK, PURCHASE = LIGHT.tasks[:2]


def usage(who: Audience) -> pd.DataFrame:
    """Equal weights of what can be heard; 0 elsewhere, as the records have it."""
    heard = np.array(who.heard, dtype=float)
    return pd.DataFrame(heard / heard.sum(axis=1, keepdims=True), index=[*who.readers], columns=[*who.experts])


def test_a_cell_that_cannot_be_heard_has_a_cross_and_no_number() -> None:
    heat, crosses = gate_heatmap(usage(CGC_LEVEL), LIGHT, audience=CGC_LEVEL).data
    assert np.array_equal(np.isnan(heat.z), ~np.array(CGC_LEVEL.heard))
    assert [(x, y) for x, y in zip(crosses.x, crosses.y, strict=True)] == [
        (heat.x[1], heat.y[0]),
        (heat.x[0], heat.y[1]),
    ]
    assert list(crosses.text) == ["click cannot hear purchase 1", "purchase cannot hear click 1"]
    assert heat.hoverongaps is False


def test_the_untrained_gate_cannot_hear_it_either() -> None:
    heat, crosses = gate_heatmap(usage(CGC_LEVEL), LIGHT, audience=CGC_LEVEL, untrained=usage(CGC_LEVEL)).data
    assert np.isnan(heat.z).sum() == len(crosses.x) == 4
    assert {*crosses.y} == {*heat.y}


def test_an_expert_has_the_colour_of_its_task_and_a_shared_one_none() -> None:
    (heat, _) = gate_heatmap(usage(CGC_LEVEL), LIGHT, audience=CGC_LEVEL).data
    colors = [name.split("color:")[1][:7] for name in heat.x]
    assert colors == [CLICK, PURCHASE, LIGHT.quiet, LIGHT.quiet]


def test_where_all_experts_are_shared_none_is_coloured_and_nothing_is_ruled_off() -> None:
    _, last = audience(MultiLevelMMoE(num_experts=3), TASKS)
    figure = gate_heatmap(usage(last), LIGHT, audience=last)
    assert list(figure.data[0].x) == ["E1", "E2", "E3"]
    assert not figure.layout.shapes


def test_groups_are_ruled_off_in_every_picture() -> None:
    frames = {reader: usage(CGC_LEVEL).loc[[reader, reader]].set_index(pd.Index([0, 9])) for reader in TASKS}
    by_segment = pd.concat({"a": usage(CGC_LEVEL)}).assign(rows=5)
    histogram = np.ones((2, 4, 20), dtype=int)
    across = gate_heatmap(usage(CGC_LEVEL), LIGHT, audience=CGC_LEVEL)
    segments = segment_heatmap(by_segment, LIGHT, tasks=TASKS, audience=CGC_LEVEL)
    down = gate_film(frames, LIGHT, audience=CGC_LEVEL)
    spread = gate_distribution(histogram, TASKS, CGC_LEVEL.experts, LIGHT, audience=CGC_LEVEL)
    assert {line.x0 for line in across.layout.shapes} == {0.5, 1.5}
    assert {(line.x0, line.xref) for line in segments.layout.shapes} == {
        (p, x) for p in (0.5, 1.5) for x in ("x", "x2")
    }
    assert {(line.y0, line.yref) for line in down.layout.shapes} == {(p, y) for p in (0.5, 1.5) for y in ("y", "y2")}
    assert {(line.y0, line.yref) for line in spread.layout.shapes} == {(p, y) for p in (0.5, 1.5) for y in ("y", "y2")}


def test_film_segments_and_distribution_cross_out_what_cannot_be_heard() -> None:
    frames = {reader: usage(CGC_LEVEL).loc[[reader, reader]].set_index(pd.Index([0, 9])) for reader in TASKS}
    by_segment = pd.concat({"a": usage(CGC_LEVEL), "b": usage(CGC_LEVEL)}).assign(rows=5)
    histogram = np.ones((2, 4, 20), dtype=int)
    film = gate_film(frames, LIGHT, audience=CGC_LEVEL)
    segments = segment_heatmap(by_segment, LIGHT, tasks=TASKS, audience=CGC_LEVEL)
    spread = gate_distribution(histogram, TASKS, CGC_LEVEL.experts, LIGHT, audience=CGC_LEVEL)
    for figure, per_reader in ((film, 1), (segments, 2), (spread, 1)):
        crosses = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
        assert [len(trace.x) for trace in crosses] == [per_reader] * 2
    ridges = [trace for trace in spread.data if trace.mode == "lines"]
    assert [trace.x.count(None) for trace in ridges] == [3, 3]  # of four experts one cannot be heard
    assert all(np.isnan(trace.z).sum() == 2 for trace in film.data if trace.type == "heatmap")
    assert "0.00" not in segments.to_json()


def test_what_a_later_level_reads_is_no_task_and_has_no_task_s_colour() -> None:
    first, _ = audience(PLE(num_task_experts=1, num_shared_experts=1), TASKS)
    figure = gate_heatmap(usage(first), LIGHT, audience=first)
    assert [name.split("color:")[1][:7] for name in figure.data[0].y] == [CLICK, PURCHASE, LIGHT.quiet]
    below, _ = audience(MultiLevelMMoE(num_experts=3), TASKS)
    frame = pd.DataFrame([[3.0, 2.0, 2.0]] * 2, index=[0, 9], columns=[*below.readers])
    curve = effective_experts_curve(frame, LIGHT, num_experts=3, audience=below)
    assert {trace.line.color for trace in curve.data} == {LIGHT.quiet}


def test_labels_of_equal_curves_do_not_lie_on_each_other() -> None:
    frame = pd.DataFrame([[2.0] * 8] * 2, index=[0, 9], columns=[f"E{number}" for number in range(8)])
    heights = sorted(note.y for note in effective_experts_curve(frame, LIGHT, num_experts=8).layout.annotations)
    assert np.diff(heights).min() > 0.1


@pytest.mark.parametrize("count", [1, 3, 5, 9])
def test_a_film_of_many_readers_is_cut_into_rows(count: int) -> None:
    readers = [f"E{number}" for number in range(count)]
    frame = pd.DataFrame(np.full((2, count), 1 / count), index=[0, 9], columns=readers)
    figure = gate_film(dict.fromkeys(readers, frame), LIGHT)
    assert len(figure.data) == len(figure.layout.annotations) == count
    tops = {round(trace_axis(figure, trace).domain[1], 6) for trace in figure.data}
    assert len(tops) == -(-count // 4)


def trace_axis(figure: object, trace: object) -> object:
    return figure.layout["yaxis" + trace.yaxis[1:]]


def test_aitm_s_first_task_hears_itself_alone() -> None:
    (who,) = audience(AITM(), TASKS)
    heat, crosses = gate_heatmap(usage(who), LIGHT, audience=who).data
    assert np.isnan(heat.z).tolist() == [[False, True], [False, False]]
    assert list(crosses.text) == ["click cannot hear purchase"]
