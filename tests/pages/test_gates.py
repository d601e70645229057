"""The Gates page says what a run's gates do: over time, over rows, by segment; and teaches where there is no run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import from_flat
from mmoe_core.runs import RunRow, Store, work

SMALL = {"data.num_rows": "2000", "train.max_steps": "6", "train.snapshot_every": "2", "train.probe_rows": "150"}


@pytest.fixture
def run(home: Path) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat(SMALL)).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("gates.py").run()


def figures(app: AppTest) -> dict[str, dict]:
    """Each figure's specification, by the key in its element's id."""
    return {chart.proto.id.rsplit("-", 1)[-1]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")}


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert any("No run yet" in text.value for text in app.markdown)


@pytest.mark.parametrize(("lang", "title"), [("en", "Who listens to whom?"), ("zh", "谁在听谁？")])
def test_a_run_is_shown_from_every_side(app: AppTest, run: RunRow, lang: str, title: str) -> None:
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert title in [one.value for one in app.subheader]
    assert set(figures(app)) == {"usage", "film", "spread", "segments", "effective"}


def test_the_slider_moves_the_heatmap_to_an_earlier_step(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    (slider,) = app.select_slider
    assert [int(option) for option in slider.options] == [0, 2, 4, 6]
    slider.set_value(0).run()
    assert not app.exception
    assert any("at step 0" in one.value for one in app.caption)
    assert any(": 0.0" in one.value and "Jensen" in one.value for one in app.caption)


def test_rows_can_be_grouped_by_any_field_and_by_the_untrained_gate(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    app.selectbox(key="by").set_value("206").run()
    assert not app.exception
    names = figures(app)["segments"]["data"][0]["y"]
    assert len(names) == 13  # the twelve largest categories, and the others
    assert sum(int(name.rsplit(" · ", 1)[1]) for name in names) == 150
    app.button_group(key="weights").set_value(0).run()
    assert not app.exception


def test_the_bits_are_those_of_the_probe_rows(app: AppTest, run: RunRow, home: Path) -> None:
    opened(app, lang="en", run=run.run_id)
    (weights,) = Store(home / "runs").probe_gates(run.run_id, "best")
    assert weights.shape == (150, 2, 8)
    assert np.allclose(weights.sum(axis=-1), 1, atol=1e-5)
    assert any("top expert tells about its group: click" in one.value for one in app.caption)
