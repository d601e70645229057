"""Pictures of data show the numbers they were given."""

from __future__ import annotations

import pytest

from mmoe_core.data import Histogram
from mmoe_core.viz import (
    DARK,
    LIGHT,
    group_sizes,
    label_correlations,
    latent_correlations,
    marginal_dots,
    value_histograms,
)

TASKS = ["click", "purchase", "dwell"]


def test_correlations_are_written_in_cells_on_a_fixed_scale_and_undefined_ones_are_said() -> None:
    figure = label_correlations({("click", "purchase"): -0.25, ("click", "dwell"): None}, TASKS, DARK)
    (heat,) = figure.data
    assert (heat.zmin, heat.zmax) == (-1, 1)
    assert heat.text[0][0] == "−0.25"
    assert heat.z[1][0] is None
    assert "undefined" in [note.text for note in figure.layout.annotations]


def test_a_latent_s_dots_stand_where_the_correlation_is() -> None:
    traces = latent_correlations({"click": 0.5, "purchase": -0.1, "dwell": None}, TASKS, LIGHT).data
    assert [trace.x[1] for trace in traces] == [0.5, -0.1, None]


def test_histograms_are_shares_of_rows() -> None:
    (bars,) = value_histograms({"age": Histogram(edges=(0, 1, 2), counts=(3, 1), is_log=False)}, LIGHT).data
    assert list(bars.y) == [0.75, 0.25]
    assert list(bars.x) == [0.5, 1.5]


def test_every_session_is_in_a_bin() -> None:
    (bars,) = group_sizes([1, 2, 3, 100], [4, 3, 2, 1], LIGHT, group="session").data
    assert sum(bars.y) == pytest.approx(1)


def test_published_and_found_stand_on_one_line() -> None:
    _, published, found = marginal_dots({"CTR": (0.04, 0.05)}, LIGHT).data
    assert (published.x[0], found.x[0], published.y[0], found.y[0]) == (0.04, 0.05, "CTR", "CTR")
    assert (published.name, found.name) == ("published", "simulated")


def test_nothing_to_draw_is_a_sentence() -> None:
    for figure in (label_correlations({}, ["click"], LIGHT), value_histograms({}, LIGHT), marginal_dots({}, LIGHT)):
        assert figure.layout.annotations[0].text.endswith(".")
