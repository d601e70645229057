"""The Clinic page: verdict, numbers, remedies that start runs, before and after."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.runs import LENS, Store
from tests.pages.test_compare import OTHER_SEED
from tests.pages.test_gates import figures
from tests.pages.test_results import SMALL, said, trained

ZERO_WEIGHT = {"train.task_weights.purchase": "0"}


@pytest.fixture(autouse=True)
def lens_ends() -> object:
    with LENS.kept():
        yield


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    app.query_params.update(address)
    app.switch_page("clinic.py").run()
    assert not app.exception
    return app


def test_a_starved_task_is_the_verdict_in_both_languages(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL, **ZERO_WEIGHT)
    opened(app, lang="en", run=run.run_id)
    assert "A task is starved" in said(app)
    assert "A gate has never moved" in said(app)
    assert "measures" in figures(app)
    app.query_params["lang"] = "zh"
    app.run()
    assert "有一个任务吃不饱" in said(app)


def test_a_remedy_is_one_click_from_a_branch_and_both_stand_beside_each_other(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL, **ZERO_WEIGHT)
    opened(app, lang="en", run=run.run_id)
    app.button("remedy_task_weight").click().run()
    assert not app.exception
    started = next(row for row in Store(home / "runs").rows() if row.run_id != run.run_id)
    assert (started.parent_run_id, started.parent_step) == (run.run_id, 0)
    assert started.config.train.task_weight("purchase") == 1
    deadline = time.monotonic() + 60
    while Store(home / "runs").row(started.run_id).is_live and time.monotonic() < deadline:
        time.sleep(0.1)
    app.run()
    app.button(f"after_{started.run_id}").click().run()
    assert not app.exception
    assert app.selectbox(f"before_{started.run_id}").value == run.run_id
    assert {"measures", "both"} <= set(figures(app))


def test_two_runs_of_one_seed_are_set_side_by_side_and_one_of_another_seed_is_not_offered(
    app: AppTest, home: Path
) -> None:
    before, after = trained(home, SMALL, **ZERO_WEIGHT), trained(home, SMALL)
    other = trained(home, SMALL, **OTHER_SEED)
    opened(app, lang="en", run=after.run_id)
    choice = app.selectbox(f"before_{after.run_id}")
    assert not [title for title in choice.options if other.run_id in title]
    choice.set_value(before.run_id).run()
    assert not app.exception
    assert "both" in figures(app)
    assert list(app.dataframe[-1].value.columns) == ["task", "Before", "After"]


def test_how_often_it_is_wrong_is_said_with_its_interval(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL)
    assert "of 200 small runs in which nothing was planted" in said(opened(app, lang="en", run=run.run_id))


def test_without_a_run_it_says_how_to_get_one(app: AppTest, home: Path) -> None:
    opened(app, lang="en")
