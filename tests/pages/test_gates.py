"""The Gates page says what a run's gates do, over time and over rows; and teaches where there is no run."""

from __future__ import annotations

import json
from base64 import b64decode
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
    assert set(figures(app)) == FIGURES


FIGURES = {"player", "film", "spread", "ridges", "effective", "distance", "pairs"}
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
    assert set(figures(app)) == ({"usage"} if kind in FIXED else FIGURES)
    said = " ".join(one.value for one in app.caption)
    if lang == "en":
        assert [found for found, note in NOTES.items() if note in said] == ([kind] if kind in NOTES else [])
        assert (OWN in said) == (kind in ("cgc", "ple"))
    has_levels = kind in ("ml_mmoe", "ple")
    assert bool([group for group in app.button_group if group.key == "level"]) == has_levels
    if has_levels:
        readers = {"ml_mmoe": 8, "ple": 3}[kind]
        assert len(figures(app)["effective"]["data"]) == 2 * 2  # a line, and a dotted one where it was untrained
        app.button_group(key="level").set_value(0).run()
        assert not app.exception
        assert len(figures(app)["effective"]["data"]) == 2 * readers
        assert len(app.dataframe[0].value) == readers


@pytest.mark.parametrize("kind", ["cgc", "ple", "aitm"])
def test_what_cannot_be_heard_is_crossed_out_and_not_a_zero(app: AppTest, home: Path, kind: str) -> None:
    store = Store(home / "runs")
    run = work(store.create(from_flat({**SMALL, "model.kind": kind})).run_id, store=store)
    opened(app, lang="en", run=run.run_id)
    _, crosses = figures(app)["player"]["data"]
    assert "click cannot hear purchase" in " ".join(crosses["text"])
    assert crosses["marker"]["symbol"] == "x-thin"


def test_the_film_has_a_frame_per_snapshot_of_the_stored_numbers(app: AppTest, run: RunRow, home: Path) -> None:
    opened(app, lang="en", run=run.run_id)
    player = figures(app)["player"]
    stored = Store(home / "runs").snapshots(run.run_id)
    assert [frame["name"] for frame in player["frames"]] == [str(snapshot.step) for snapshot in stored]
    for frame, snapshot in zip(player["frames"], stored, strict=True):
        cells = np.array(numbers(frame["data"][0]["z"]))
        assert cells[::2] == pytest.approx(np.array(snapshot.levels[0].mean_RE), abs=1e-4)
        assert cells[1::2] == pytest.approx(np.array(stored[0].levels[0].mean_RE), abs=1e-4)
    app.button_group(key="measure").set_value("sd").run()
    assert not app.exception
    cells = np.array(numbers(figures(app)["player"]["data"][0]["z"]))
    assert cells[::2] == pytest.approx(np.array(stored[-1].levels[0].sd_RE), abs=1e-4)


def test_the_slider_moves_distribution_and_distances_to_an_earlier_step(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    (slider,) = app.select_slider
    assert [int(option) for option in slider.options] == [0, 2, 4, 6]
    slider.set_value(0).run()
    assert not app.exception
    assert any("at step 0" in one.value for one in app.caption)
    assert any(": 0.0" in one.value and "Jensen" in one.value for one in app.caption)
    cells = np.array(numbers(figures(app)["pairs"]["data"][0]["z"]), dtype=float)
    assert cells[1, 0] == cells[0, 1]  # now is the untrained one


def test_ridges_are_of_the_chosen_task_and_expert(app: AppTest, run: RunRow, home: Path) -> None:
    opened(app, lang="en", run=run.run_id)
    app.selectbox(key="reader of 2").set_value("purchase").run()
    app.selectbox(key="expert of purchase").select_index(2).run()
    assert not app.exception
    ridges = figures(app)["ridges"]["data"]
    stored = Store(home / "runs").snapshots(run.run_id)
    for ridge, snapshot in zip(ridges, stored, strict=True):
        place = snapshot.levels[0].experts.index(app.selectbox(key="expert of purchase").value)
        rows = np.array(snapshot.levels[0].histogram_REK[1][place])
        said = [float(text.rsplit(" ", 1)[1].rstrip("%")) for text in ridge["text"] if text]
        assert said[::2] == said[1::2]
        assert said[::2] == pytest.approx(rows / 150 * 100, abs=0.05 + 1e-9)


def test_one_gate_for_all_tasks_is_at_distance_0_exactly(app: AppTest, home: Path) -> None:
    store = Store(home / "runs")
    run = work(store.create(from_flat({**SMALL, "model.kind": "one_gate"})).run_id, store=store)
    opened(app, lang="en", run=run.run_id)
    line, dotted = figures(app)["distance"]["data"]
    assert set(numbers(line["y"])) == set(numbers(dotted["y"])) == {0.0}


def numbers(values: object) -> list:
    """A figure's numbers, which plotly may have packed."""
    if isinstance(values, dict):
        packed = np.frombuffer(b64decode(values["bdata"]), dtype=values["dtype"])
        shape = [int(length) for length in values.get("shape", str(len(packed))).split(",")]
        return packed.reshape(shape).tolist()
    return list(values)  # type: ignore[call-overload]


def test_weights_stand_beside_what_comes_of_them_once_asked(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    app.toggle(key="contributions").set_value(True).run()
    assert not app.exception
    shares = np.array(numbers(figures(app)["weights_times_norm"]["data"][0]["z"]))
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    weights = np.array(numbers(figures(app)["weights_alone"]["data"][0]["z"]))
    assert weights.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
    assert np.abs(shares - weights).max() > 0.001
