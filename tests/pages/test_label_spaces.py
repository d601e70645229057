"""Over which rows a purchase is learnt is a choice on the Train and the Data page, and is said wherever it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import ESMM, RunConfig, SimulatedAliCcp, Stored, TrainConfig, to_flat
from mmoe_core.data import adopt_dataset, describe, prepare, readable_on_clicks
from mmoe_core.runs import RunRow, Store, work
from pages.ui import data_inputs, tables
from pages.ui.live import LiveView
from pages.ui.spaces import space_name
from tests.pages.test_datasets import EVERY, described
from tests.pages.test_train import opened, said, spelled

STORED = SimulatedAliCcp(num_rows=1000)
ON_CLICKS = SimulatedAliCcp(num_rows=1000, label_spaces={"purchase": "cvr"})
KEY = "data.label_spaces.purchase"


def test_the_choice_is_in_the_address_and_comes_back_from_it(app: AppTest) -> None:
    opened(app, **to_flat(RunConfig(data=STORED)))
    assert app.selectbox(KEY).value == "ctcvr"
    app.selectbox(KEY).set_value("cvr").run()
    assert not app.exception
    assert spelled(app).data == ON_CLICKS
    assert "only clicked rows teach it" in said(app)
    app.selectbox(KEY).set_value("ctcvr").run()
    assert spelled(app).data == STORED


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_link_with_the_choice_opens_both_pages(app: AppTest, lang: str) -> None:
    opened(app, **to_flat(RunConfig(data=ON_CLICKS)), lang=lang)
    assert (app.selectbox(KEY).value, spelled(app).data) == ("cvr", ON_CLICKS)
    described(app, ON_CLICKS, lang)
    assert (app.selectbox(KEY).value, spelled(app).data) == ("cvr", ON_CLICKS)
    table = app.dataframe[0].value
    assert table.iloc[:, 0].tolist() == (
        ["click · CTR", "purchase · CVR on clicks"] if lang == "en" else ["点击 · CTR", "购买 · CVR（点击之后）"]
    )


def test_the_data_page_counts_in_the_chosen_space(home: Path) -> None:
    del home
    over_all, over_clicks = (
        {row["task"]: row["train"] for row in tables.labels(describe(prepare(data)))} for data in (STORED, ON_CLICKS)
    )
    assert over_all["click · CTR"] == over_clicks["click · CTR"]
    clicks = over_all["click · CTR"].split(" / ")[0]
    purchases = over_all["purchase · CTCVR"].split(" / ")[0]
    assert over_clicks["purchase · CVR on clicks"].startswith(f"{purchases} / {clicks} = ")


@pytest.mark.parametrize("name", EVERY)
def test_the_choice_is_offered_where_the_data_leave_one(home: Path, name: str) -> None:
    del home
    assert data_inputs.with_two_spaces(EVERY[name]) == readable_on_clicks(prepare(EVERY[name]).schema)


def test_a_stored_dataset_offers_it_too_and_another_one_forgets_it(app: AppTest, home: Path) -> None:
    adopt_dataset(prepare(STORED).folder, "mine", home=home)
    opened(app, **to_flat(RunConfig(data=Stored(name="mine", label_spaces={"purchase": "cvr"}))))
    assert app.selectbox(KEY).value == "cvr"
    app.selectbox("data.id").set_value("census-g1").run()
    assert not app.exception
    assert not app.error
    assert spelled(app).data.label_spaces == {}


def test_esmm_over_clicks_is_refused_on_the_page(app: AppTest) -> None:
    opened(app, **to_flat(RunConfig(data=ON_CLICKS, model=ESMM())))
    assert any("ESMM learns 'purchase' over all impressions" in one.value for one in app.error)


@pytest.fixture
def esmm(home: Path) -> RunRow:
    store = Store(home / "runs")
    config = RunConfig(data=SimulatedAliCcp(num_rows=2000), model=ESMM(), train=TrainConfig(max_steps=3))
    return work(store.create(config).run_id, store=store)


def test_an_esmm_run_says_product_on_the_gates_page(app: AppTest, esmm: RunRow) -> None:
    app.run()
    app.query_params["run"] = esmm.run_id
    app.switch_page("gates.py").run()
    assert not app.exception
    assert "purchase · pCTR × pCVR" in said(app)


@pytest.mark.parametrize(
    ("config", "space"),
    [
        (RunConfig(data=STORED), "CTCVR"),
        (RunConfig(data=ON_CLICKS), "CVR on clicks"),
        (RunConfig(data=STORED, model=ESMM()), "pCTR × pCVR"),
    ],
)
def test_the_live_panel_is_told_each_space(home: Path, config: RunConfig, space: str) -> None:
    del home
    view = LiveView.of_run(config, prepare(config.data).schema, space_name=space_name)
    assert [task.space for task in view.tasks] == ["CTR", space]
    assert view.cvr_on_clicks == "CVR on clicks"
