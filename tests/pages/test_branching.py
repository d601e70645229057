"""A run is branched from the page that shows it, and the list of runs shows the tree."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import MMoE, RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.runs import RunRow, Store, branch, work
from pages.ui import language, tables
from tests.runs.fakes import until

CONFIG = RunConfig(
    data=SimulatedAliCcp(num_rows=1000),
    model=MMoE(num_experts=2),
    train=TrainConfig(epochs=2, batch_size=100, validation_rows=100, probe_rows=50),
)


@pytest.fixture
def run(home: Path) -> RunRow:
    del home
    store = Store()
    return work(store.create(CONFIG, "the first").run_id, store=store)


def opened(app: AppTest, run_id: str, **params: str) -> AppTest:
    app.run().switch_page("train.py")
    app.query_params.clear()
    app.query_params.update({"run": run_id, **params})
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.error))


def only_branch(store: Store) -> RunRow:
    (found,) = (row for row in store.rows() if row.parent_run_id is not None)
    return found


@pytest.mark.parametrize(("lang", "word"), [("en", "the same up to step"), ("zh", "步为止与它相同")])
def test_what_the_form_says_now_is_what_the_branch_changes(app: AppTest, run: RunRow, lang: str, word: str) -> None:
    opened(app, run.run_id, lang=lang)
    assert len(app.selectbox("branch_at").options) == 3
    app.select_slider("train.task_weights.click").set_value(10.0).run()
    assert "train.task_weights.click = 10" in said(app)
    app.selectbox("branch_at").set_value(run.steps // 2).run()
    app.button("branch").click().run()
    assert not app.exception
    found = only_branch(Store())
    assert app.query_params["run"] in (found.run_id, [found.run_id])
    assert (found.parent_run_id, found.parent_step) == (run.run_id, run.steps // 2)
    assert found.config.train.task_weights == {"click": 10.0}
    assert word in said(app)
    until(lambda: Store().row(found.run_id).state == "finished")


def test_what_the_past_has_settled_is_said_and_nothing_is_started(app: AppTest, run: RunRow) -> None:
    opened(app, run.run_id)
    app.number_input("model.num_experts").set_value(3).run()
    app.button("branch").click().run()
    assert "model.num_experts decides which weights there are" in said(app)
    assert len(Store().rows()) == 1


def test_a_run_that_has_kept_no_state_offers_no_branch(app: AppTest, run: RunRow) -> None:
    for path in Store().run_folder(run.run_id).glob("checkpoints/epoch-*"):
        path.unlink()
    opened(app, run.run_id)
    assert not [button for button in app.button if button.key == "branch"]


def test_branches_stand_below_their_run_and_name_it_where_it_is_not_listed(
    run: RunRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, nobody = Store(), (sys.executable, "-c", "")
    child = branch(run.run_id, 0, {}, "child", store=store, program=nobody)
    grandchild = replace(child, run_id="g", name="grandchild", parent_run_id=child.run_id, parent_step=1200)
    other = replace(run, run_id="o", name="other")
    monkeypatch.setattr(language, "language", lambda: "en")
    assert [row["run"] for row in tables.runs([grandchild, child, other, run])] == [
        "other",
        "the first",
        "↳ child, from step 0",
        "\u2003↳ grandchild, from step 1,200",
    ]
    assert [row["run"] for row in tables.runs([grandchild, other])] == [
        f"↳ grandchild, from step 1,200 of {child.run_id}",
        "other",
    ]
    monkeypatch.setattr(language, "language", lambda: "zh")
    assert tables.runs([run, child])[1]["训练"] == "↳ child，从第 0 步分出"
