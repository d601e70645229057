"""The weight lab starts a sweep, shows it by its address, and says of every run what the test can tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import WeightSweep, from_flat
from mmoe_core.runs import Store, Sweep, start_sweep, sweeps, work
from tests.pages.test_gates import figures
from tests.pages.test_results import FEED, SMALL, said, trained
from tests.runs.fakes import until


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    app.query_params.update(address)
    app.switch_page("weights.py").run()
    assert not app.exception
    return app


def swept(home: Path, choices: dict[str, str], **more: object) -> Sweep:
    """A finished sweep, trained in this process."""
    store = Store(home / "runs")
    plan = WeightSweep(**{"base": from_flat(choices), "task": "purchase", "num_points": 3, "seeds": (1, 2), **more})
    for point in sweeps.sweep_points(plan):
        work(store.create(point.config).run_id, store=store)
    return start_sweep(plan, store=store)


@pytest.mark.parametrize(("lang", "title"), [("en", "Nothing has been swept yet"), ("zh", "还没有扫描过权重")])
def test_without_anything_the_page_says_what_can_be_started(app: AppTest, lang: str, title: str) -> None:
    opened(app, lang=lang)
    assert title in said(app)
    assert [button.key for button in app.button if button.key == "start_sweep"]


@pytest.mark.parametrize(("lang", "title"), [("en", "Who has the loss"), ("zh", "谁的损失大")])
def test_without_a_sweep_the_newest_run_shows_its_shares(app: AppTest, home: Path, lang: str, title: str) -> None:
    trained(home, SMALL)
    opened(app, lang=lang)
    assert set(figures(app)) == {"shares"}
    assert title in said(app)


@pytest.mark.parametrize(("lang", "difference"), [("en", "difference · purchase"), ("zh", "差 · 购买")])
def test_a_sweep_has_its_plane_its_shares_and_a_row_for_every_run(
    app: AppTest, home: Path, lang: str, difference: str
) -> None:
    sweep = swept(home, SMALL)
    opened(app, lang=lang)
    assert app.query_params["sweep"] in (sweep.sweep_id, [sweep.sweep_id])
    assert set(figures(app)) == {"seesaw", "shares_by_weight", "shares"}
    dots = next(trace for trace in figures(app)["seesaw"]["data"] if trace["name"] == "runs")
    assert len(dots["text"]) == 6
    table = app.dataframe[-1].value
    assert len(table) == 8
    end = Store(home / "runs").end(sweep.runs[0].run.run_id).metrics["purchase"]
    assert table.iloc[0, 5] == f"{end.auc:.4f} [{end.auc_low:.4f}, {end.auc_high:.4f}]"
    assert table.iloc[0, 6] == f"{end.positives:,}"
    found = table[difference].tolist()
    assert [place for place, text in enumerate(found) if text == "–"] == [1, 5]  # weight 1, the reference, by seed
    assert any(mark in said(app) for mark in ("simulated · classroom rates", "模拟"))


def test_an_adaptive_method_shows_what_it_makes_of_the_weights(app: AppTest, home: Path) -> None:
    swept(home, {**SMALL, "train.balancing.method": "uw"}, num_points=2, seeds=(1,), with_singles=False)
    opened(app, lang="en")
    assert "balance" in figures(app)


def test_more_than_two_binary_tasks_are_chosen_from_and_a_regression_is_left_out(app: AppTest, home: Path) -> None:
    swept(home, FEED, task="like", num_points=2, seeds=(1,), with_singles=False)
    opened(app, lang="en")
    assert "A regression has no AUC" in said(app)
    app.selectbox("across").set_value("like").run()
    assert not app.exception
    assert "like" not in app.selectbox("upwards").options


def test_a_sweep_that_is_not_there_is_said(app: AppTest) -> None:
    opened(app, lang="en", sweep="20260101T000000-000000")
    assert "There is no sweep" in "\n".join(one.value for one in app.error)


def test_a_click_starts_the_sweep_that_is_chosen(app: AppTest, home: Path) -> None:
    store = Store(home / "runs")
    trained(home, SMALL)
    opened(app, lang="en")
    app.selectbox("base").set_value(store.rows()[0].run_id).run()
    app.number_input("num_points").set_value(2)
    app.number_input("num_seeds").set_value(1).run()
    app.button("start_sweep").click().run()
    assert not app.exception
    named = app.query_params["sweep"]
    sweep_id = named if isinstance(named, str) else named[0]
    assert len(sweeps.read_sweep(sweep_id, store=store).runs) == 3
    until(lambda: sweeps.read_sweep(sweep_id, store=store).is_finished)
