"""The row page follows one row through a run's network, lets a field say something else, and takes it back exactly."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.analysis.lens import Answer, Question
from mmoe_core.analysis.lens.answering import answer
from mmoe_core.analysis.lens.network import Network
from mmoe_core.config import ModelKind, from_flat
from mmoe_core.data import prepare
from mmoe_core.errors import DatasetError
from mmoe_core.runs import LENS, RunRow, Store, work
from mmoe_core.runs.networks import network_in, weights_at
from pages.ui import loaders
from tests.pages.test_gates import figures
from tests.pages.test_results import said

SMALL = {"data.num_rows": "2000", "train.max_steps": "6", "train.probe_rows": "50", "train.batch_size": "128"}


@pytest.fixture(autouse=True)
def lens_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answers without the process."""

    def ask(store: Store, run_id: str, epoch: int | str, question: Question) -> Answer:
        row = store.row(run_id)
        weights = weights_at(store, run_id, epoch)
        model = network_in(store.run_folder(run_id), row.config, row.schema, weights)
        return answer(Network(model, row.config, prepare(row.config.data)), question)

    monkeypatch.setattr(LENS, "ask", ask)
    monkeypatch.setattr(LENS, "warm_up", lambda: None)


def trained(home: Path, **choices: str) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat({**SMALL, **choices})).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    app.query_params.update(address)
    app.switch_page("row.py").run()
    assert not app.exception
    return app


def answers(app: AppTest) -> list[str]:
    """What the table says of each task."""
    return next(frame.value["prediction"].tolist() for frame in app.dataframe if "truth (simulated)" in frame.value)


@pytest.mark.parametrize(("lang", "told"), [("en", "No run yet"), ("zh", "还没有训练过")])
def test_without_a_run_the_page_says_how_to_get_one(app: AppTest, lang: str, told: str) -> None:
    assert told in said(opened(app, lang=lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", get_args(ModelKind))
def test_every_kind_is_followed_to_its_stored_prediction(app: AppTest, home: Path, kind: str, lang: str) -> None:
    run = trained(home, **{"model.kind": kind})
    opened(app, lang=lang, run=run.run_id, row="5", split="test")
    assert set(figures(app)) == {"row_trace"}
    if lang == "en":
        for task, shown in zip(("click", "purchase"), answers(app), strict=True):
            assert float(shown) == pytest.approx(Store(home / "runs").predictions(run.run_id, task)[1][5], abs=2e-6)


def test_the_first_picture_is_a_row_on_which_the_last_task_happened(app: AppTest, home: Path) -> None:
    run = trained(home)
    opened(app, lang="en")
    labels = prepare(run.config.data).split("test").labels_NT[:, 1]
    assert app.query_params["row"] == str(int(np.flatnonzero(labels == 1)[0]))
    assert app.query_params["run"] == run.run_id


def test_a_change_moves_the_answers_and_undo_brings_them_back_exactly(app: AppTest, home: Path) -> None:
    run = trained(home)
    opened(app, lang="en", run=run.run_id, row="5")
    first = answers(app)
    app.selectbox("row_field").set_value("206").run()
    app.selectbox("row_value_10_0").set_value(7).run()
    assert not app.exception
    assert app.query_params["changes"] == "10:7"
    second = answers(app)
    assert second != first
    app.selectbox("row_field").set_value("D508").run()
    app.number_input("row_value_27_1").set_value(1.75).run()
    assert app.query_params["changes"] == "10:7,27:1.75"
    assert answers(app) != second
    app.button("row_undo").click().run()
    assert answers(app) == second
    app.button("row_undo").click().run()
    assert answers(app) == first
    assert "changes" not in app.query_params
    assert app.button("row_undo").disabled


def test_the_address_alone_shows_the_changed_row(app: AppTest, home: Path) -> None:
    run = trained(home)
    opened(app, lang="en", run=run.run_id, row="5", changes="10:7,99:1,2:x,10:99999999,27:nan")
    assert app.query_params["changes"] == "10:7"
    assert "Changed" in said(app)
    app.button("row_undo_all").click().run()
    assert "Changed:" not in said(app)


def test_another_row_begins_unchanged_and_untrained_weights_answer_otherwise(app: AppTest, home: Path) -> None:
    run = trained(home)
    opened(app, lang="en", run=run.run_id, row="5", changes="10:7")
    app.number_input("row_number").set_value(6).run()
    assert "changes" not in app.query_params
    best = answers(app)
    app.button_group("row_weights").set_value(0).run()
    assert not app.exception
    assert answers(app) != best
    assert app.query_params["weights"] == "0"


@pytest.mark.parametrize("way", ["label", "says", "wrong", "highest", "lowest"])
def test_rows_are_searched(app: AppTest, home: Path, way: str) -> None:
    run = trained(home)
    opened(app, lang="en", run=run.run_id)
    app.selectbox("row_way").set_value(way).run()
    assert not app.exception
    found = app.dataframe[0].value
    assert 0 < len(found) <= 10
    labels, scores = Store(home / "runs").predictions(run.run_id, "purchase")
    if way == "label":
        assert set(found["purchase"]) == {"1"}
    if way == "wrong":
        assert found["row"].tolist()[0] == int(np.abs(labels - scores).argmax())
    if way in ("highest", "lowest"):
        assert found["row"].tolist()[0] == int(scores.argmax() if way == "highest" else scores.argmin())


def test_searching_by_prediction_is_for_the_test_split(app: AppTest, home: Path) -> None:
    run = trained(home)
    opened(app, lang="en", run=run.run_id, split="train", row="3")
    assert len(app.selectbox("row_way").options) == 2


def test_a_dataset_that_is_gone_is_said(app: AppTest, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(home)
    gone = DatasetError("There is no dataset '{dataset}' here.", dataset="x")
    monkeypatch.setattr(loaders, "dataset", lambda data: (None, gone))
    opened(app, lang="en")
    assert "There is no dataset 'x' here" in " ".join(info.value for info in app.info)
