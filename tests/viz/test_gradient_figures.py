"""Pictures of how tasks pull: fixed scales, a line at 0, nothing where there is no angle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmoe_core.analysis import conflicts, smoothed
from mmoe_core.config import CGC, ESMM, MMoE, audience
from mmoe_core.viz import LIGHT, conflict_dots, cosine_curves, gradient_heatmap, norm_curves

TASKS = ("click", "purchase")
GROUPS = pd.MultiIndex.from_tuples([("embeddings", ""), ("expert", "E<1>"), ("shared", "")])
COSINES = pd.DataFrame([[0.5, np.nan, -0.5], [-0.25, np.nan, -0.5]], index=[1, 10], columns=GROUPS)


def test_each_group_has_its_panel_on_one_fixed_scale_with_a_line_at_0() -> None:
    figure = cosine_curves(COSINES, smoothed(COSINES), LIGHT, abreast=2)
    assert len(figure.data) == 2 * len(GROUPS)
    assert [note.text for note in figure.layout.annotations] == ["embeddings", "E&lt;1&gt;", "all that is shared"]
    assert len([line for line in figure.layout.shapes if line.y0 == line.y1 == 0]) == len(GROUPS)
    for axis in (figure.layout.yaxis, figure.layout.yaxis2, figure.layout.yaxis3):
        assert tuple(axis.range) == (-1.05, 1.05)
    assert list(figure.data[0].y) == [0.5, -0.25]


def test_a_share_stands_with_its_interval_and_what_was_never_watched_has_no_dot() -> None:
    lines, dots = conflict_dots(conflicts(COSINES), LIGHT).data
    assert list(dots.x)[::2] == [0.5, 1.0]
    assert np.isnan(dots.x[1])
    assert dots.text[0].startswith("embeddings: 1 / 2 = 50% (")
    assert lines.x[0] < 0.5 < lines.x[1]


def test_a_gradient_of_0_has_no_place_on_a_logarithmic_scale() -> None:
    figure = norm_curves(pd.DataFrame({"click": [1.0, 2.0], "purchase": [0.0, 0.0]}, index=[1, 10]), LIGHT)
    assert figure.layout.yaxis.type == "log"
    assert np.isnan(figure.data[1].y).all()
    assert [note.text for note in figure.layout.annotations] == [" click"]
    assert figure.data[0].line.color == LIGHT.tasks[0]


def test_the_color_of_a_gradient_is_its_share_in_the_row_and_its_number_itself() -> None:
    (level,) = audience(MMoE(num_experts=3), TASKS)
    norms = pd.DataFrame([[0.01, 0.03, 0.0], [0.0, 0.0, 0.0]], index=[*TASKS], columns=[*level.experts])
    figure = gradient_heatmap(norms, LIGHT, audience=level)
    (drawn,) = figure.data
    assert drawn.z.tolist() == [[0.25, 0.75, 0.0], [0.0, 0.0, 0.0]]
    assert (drawn.zmin, drawn.zmax) == (0, 1)
    assert [*drawn.text[0]] == ["1.00", "3.00", "0.00"]
    assert figure.layout.annotations[-1].text == "× 10<sup>-2</sup>"


def test_what_cannot_be_heard_is_crossed_out_unless_a_gradient_arrives_by_another_way() -> None:
    (level,) = audience(CGC(num_task_experts=1, num_shared_experts=1), TASKS)
    norms = pd.DataFrame([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], index=[*TASKS], columns=[*level.experts])
    drawn, crosses = gradient_heatmap(norms, LIGHT, audience=level).data
    assert np.isnan(drawn.z).tolist() == [[False, True, False], [True, False, False]]
    assert list(crosses.text) == ["click cannot hear purchase 1", "purchase cannot hear click 1"]
    (own,) = audience(ESMM(), TASKS)
    product = pd.DataFrame([[1.0, 0.0], [2.0, 2.0]], index=[*TASKS], columns=[*own.experts])
    drawn, crosses = gradient_heatmap(product, LIGHT, audience=own).data
    assert drawn.z[1].tolist() == [0.5, 0.5]
    assert len(crosses.x) == 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda nothing: cosine_curves(nothing, nothing, LIGHT),
        lambda nothing: norm_curves(nothing, LIGHT),
        lambda nothing: conflict_dots(conflicts(nothing), LIGHT),
    ],
)
def test_a_run_that_was_not_watched_says_so(draw: object) -> None:
    figure = draw(pd.DataFrame())  # type: ignore[operator]
    assert "not watched" in figure.layout.annotations[0].text
