"""The Gates page says what a run's gates do: over time, over rows, by segment; and teaches where there is no run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import ModelKind, from_flat
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


FIXED = {
    "single": "one network per task, embeddings included",
    "shared_bottom": "one expert, and every task reads all of it",
    "esmm": "they meet in the product",
}
NOTES = {"one_gate": "One gate for all tasks", "aitm": "an attention", **FIXED}
OWN = "An expert in a task's colour is that task's own"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", get_args(ModelKind))
def test_every_kind_shows_every_level_and_says_what_is_special(app: AppTest, home: Path, kind: str, lang: str) -> None:
    store = Store(home / "runs")
    run = work(store.create(from_flat({**SMALL, "model.kind": kind})).run_id, store=store)
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert set(figures(app)) == ({"usage"} if kind in FIXED else {"usage", "film", "spread", "segments", "effective"})
    said = " ".join(one.value for one in app.caption)
    if lang == "en":
        assert [found for found, note in NOTES.items() if note in said] == ([kind] if kind in NOTES else [])
        assert (OWN in said) == (kind in ("cgc", "ple"))
    has_levels = kind in ("ml_mmoe", "ple")
    assert bool([group for group in app.button_group if group.key == "level"]) == has_levels
    if has_levels:
        readers = {"ml_mmoe": 8, "ple": 3}[kind]
        assert len(figures(app)["effective"]["data"]) == 2
        app.button_group(key="level").set_value(0).run()
        assert not app.exception
        assert len(figures(app)["effective"]["data"]) == readers
        assert len(app.dataframe[0].value) == readers


@pytest.mark.parametrize("kind", ["cgc", "ple", "aitm"])
def test_what_cannot_be_heard_is_crossed_out_and_not_a_zero(app: AppTest, home: Path, kind: str) -> None:
    store = Store(home / "runs")
    run = work(store.create(from_flat({**SMALL, "model.kind": kind})).run_id, store=store)
    opened(app, lang="en", run=run.run_id)
    _, crosses = figures(app)["usage"]["data"]
    assert "click cannot hear purchase" in " ".join(crosses["text"])
    assert crosses["marker"]["symbol"] == "x-thin"


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
