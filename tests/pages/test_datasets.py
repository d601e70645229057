"""Every source of rows: chosen on the Train page, spelled in the address, described on the Data page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import (
    Census,
    DataConfig,
    MmoePaper,
    RunConfig,
    SimulatedAliCcp,
    SimulatedFeed,
    Stored,
    datasets_folder,
    to_flat,
)
from mmoe_core.data import Dataset, adopt_dataset, prepare
from pages.ui import form, loaders, summary, tables
from tests.pages.test_train import opened, said, spelled

SIMULATED = {
    "ali-ccp-classroom": SimulatedAliCcp(num_rows=1000, rho=0.12345),
    "ali-ccp-true-rates": SimulatedAliCcp(profile="true-rates", num_rows=3000, hidden=0.1),
    "feed": SimulatedFeed(num_rows=1000, bait=0.5, seed=3),
    "mmoe-paper": MmoePaper(num_rows=1000, correlation=0.25, num_features=12, num_tasks=3),
}
BADGES = {
    "ali-ccp-classroom": "simulated · classroom rates",
    "ali-ccp-true-rates": "simulated · real log's rates",
    "feed": "simulated · feed",
    "mmoe-paper": "simulated · MMoE paper",
}
EVERY: dict[str, DataConfig] = {**SIMULATED, "census-g1": Census(group="g1"), "census-g2": Census(group="g2")}


def described(app: AppTest, data: DataConfig, lang: str) -> Dataset:
    """The Data page of a dataset, which is made beforehand."""
    dataset = prepare(data)
    app.query_params["data.num_rows"] = "1000"
    app.run().switch_page("data.py")
    app.query_params.clear()
    app.query_params.update({"lang": lang, "dataset": data.dataset_name})
    app.run()
    assert not app.exception
    assert app.selectbox("dataset").value == data.dataset_name
    return dataset


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", EVERY)
def test_a_link_to_each_dataset_opens_and_keeps_every_dial(app: AppTest, name: str, lang: str) -> None:
    config = RunConfig(data=EVERY[name])
    opened(app, **to_flat(config), lang=lang)
    assert spelled(app) == config
    assert app.selectbox("data.id").value == name
    assert not app.error


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", EVERY)
def test_the_data_page_describes_each_dataset(app: AppTest, name: str, lang: str) -> None:
    dataset = described(app, EVERY[name], lang)
    assert len(app.dataframe[0].value) == len(dataset.schema.tasks)
    if lang == "en" and name in BADGES:
        assert BADGES[name] in said(app)


def test_every_source_is_offered_and_a_simulator_starts_with_its_own_dials(app: AppTest) -> None:
    opened(app)
    assert len(app.selectbox("data.id").options) >= len(EVERY)
    app.number_input("data.num_rows").set_value(2000).run()
    app.selectbox("data.id").set_value("mmoe-paper").run()
    assert not app.exception
    assert spelled(app).data == MmoePaper()
    app.number_input("data.num_rows").set_value(1000).run()
    app.number_input("data.correlation").set_value(0.9).run()
    assert spelled(app).data == MmoePaper(num_rows=1000, correlation=0.9)


def test_a_stored_dataset_is_itself_even_under_a_simulators_name(app: AppTest) -> None:
    made = prepare(SIMULATED["feed"])
    adopt_dataset(datasets_folder() / made.name, "feed")
    config = RunConfig(data=Stored(name="feed"))
    opened(app, **to_flat(config))
    assert spelled(app) == config
    assert app.selectbox("data.id").value == "stored-feed"


@pytest.mark.parametrize("name", SIMULATED)
def test_what_is_predicted_is_known_before_the_rows_are_there(home: object, name: str) -> None:
    del home
    assert form.tasks(None, SIMULATED[name]) == prepare(SIMULATED[name]).schema.task_names


def test_a_regression_is_told_by_its_mean_and_not_by_positives(home: object) -> None:
    del home
    dataset = prepare(SIMULATED["feed"])
    shown = tables.labels(dataset, loaders.label_moments(dataset, dataset.manifest.checksums))
    cells = {row["task"]: row["train"] for row in shown}
    assert "±" in cells["dwell"]
    assert [task for task, cell in cells.items() if " / 800 = " not in cell] == ["dwell"]
    unknown = {row["task"]: row["train"] for row in tables.labels(dataset, {})}
    assert unknown["dwell"] == "–"


def test_the_badge_says_no_more_than_is_known(home: object) -> None:
    del home
    simulated = prepare(SIMULATED["feed"]).schema
    assert summary.badge_text(simulated, Stored(name="adopted")) == "simulated"
    assert summary.badge_text(prepare(Census()).schema, Census()) is None
