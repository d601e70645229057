"""Pictures of experts say what the tables say, and never take noise for a cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmoe_core.analysis import dead_over_time, expert_similarity, knock_out_costs, similarity_over_time
from mmoe_core.analysis.lens import Difference, ExpertsCompared, LevelExperts, Operated, TaskOperated
from mmoe_core.config import MMoE, audience
from mmoe_core.records import TaskMetrics
from mmoe_core.viz import DARK, LIGHT, dead_units_heatmap, knock_out_dots, similarity_curves, similarity_heatmap

(WHO,) = audience(MMoE(num_experts=3), ("click", "purchase"))


def compared(near: float | None) -> ExpertsCompared:
    rows = ((1.0, near, 0.2), (near, 1.0, 0.4), (0.2, 0.4, 1.0))
    return ExpertsCompared(
        levels=(LevelExperts(experts=WHO.experts, similarity_EE=rows, dead_LE=((0, 0.5, 1), (0, 0, 1))),)
    )


def operated(loss: Difference | None, quality: Difference | None) -> Operated:
    metrics = TaskMetrics(kind="binary", rows=10, loss=1)
    tasks = tuple(
        TaskOperated(task=task, before=metrics, after=metrics, loss=loss, quality=quality) for task in WHO.tasks
    )
    mean_RE = ((0.3, 0.3, 0.4),) * 2
    return Operated(
        readers=WHO.tasks, experts=WHO.experts, before_RE=mean_RE, after_RE=mean_RE, tasks=tasks, rows=10, of_rows=10
    )


def test_the_matrix_leaves_out_what_everybody_knows_and_what_is_undefined() -> None:
    cells = similarity_heatmap(expert_similarity(compared(None), level=0), LIGHT, audience=WHO).data[0].z
    assert np.isnan(np.diag(cells)).all()
    assert np.isnan(cells[0, 1])
    assert (cells[0, 2], cells[2, 1]) == (0.2, 0.4)


def test_the_pair_most_alike_at_the_end_is_the_coloured_one_and_the_mean_is_thick() -> None:
    frame = similarity_over_time({0: compared(0.1), 4: compared(0.9)}, level=0)
    assert frame[("E1", "E2")].tolist() == [0.1, 0.9]
    *quiet, mean, most = similarity_curves(frame, LIGHT).data
    assert list(most.y) == [0.1, 0.9]
    assert list(mean.y) == pytest.approx([0.7 / 3, 0.5])
    assert mean.line.width > most.line.width > quiet[0].line.width
    assert len(quiet) == 2


def test_dead_units_are_the_mean_over_layers_by_epoch() -> None:
    frame = dead_over_time({0: compared(0.1), 4: compared(0.9)}, level=0)
    assert frame.to_numpy().tolist() == [[0, 0], [0.25, 0.25], [1, 1]]
    heat = dead_units_heatmap(frame, DARK, audience=WHO).data[0]
    assert (heat.zmin, heat.zmax, list(heat.x)) == (0, 1, ["0", "4"])


def test_a_fall_of_auc_is_a_cost_and_what_is_not_distinguishable_is_grey_and_open() -> None:
    told = Difference(difference=-0.03, low=-0.05, high=-0.01, p=0.001)
    costs = knock_out_costs({"E1": operated(Difference(difference=0.01, low=-0.01, high=0.03, p=0.4), told)})
    auc = costs[costs["measure"] == "AUC"].iloc[0]
    assert (auc["cost"], auc["low"], auc["high"], auc["is_distinguishable"]) == (0.03, 0.01, 0.05, True)
    figure = knock_out_dots(costs, LIGHT, audience=WHO)
    loss, _, quality, other = figure.data
    assert (loss.marker.symbol, loss.marker.color) == ("circle-open", LIGHT.quiet)
    assert "not distinguishable" in loss.hovertemplate
    assert (quality.marker.symbol, quality.marker.color) == ("circle", LIGHT.tasks[0])
    assert other.marker.color == LIGHT.tasks[1]
    assert quality.error_x.array[0] == pytest.approx(0.02)


def test_an_undefined_difference_is_no_number_and_told_from_nothing() -> None:
    costs = knock_out_costs({"E1": operated(None, None)})
    assert costs["cost"].isna().all()
    assert not costs["is_distinguishable"].any()


def test_without_experts_to_compare_or_answers_a_sentence_stands_there() -> None:
    assert not similarity_heatmap(pd.DataFrame([[1.0]]), LIGHT, audience=WHO).data
    assert not similarity_curves(pd.DataFrame(index=[0, 1]), LIGHT).data
    assert not knock_out_dots(knock_out_costs({}), LIGHT, audience=WHO).data
