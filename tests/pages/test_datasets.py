"""Every source of rows: chosen on the Train page, spelled in the address, described on the Data page."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

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
    runs_folder,
    to_flat,
)
from mmoe_core.data import Comparison, DataWarning, adopt_dataset, describe, known_datasets, prepare
from mmoe_core.runs import Store
from pages.ui import cards, form, summary, tables
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


def described(app: AppTest, data: DataConfig, lang: str = "en") -> AppTest:
    """The Data page of a dataset."""
    app.query_params["data.num_rows"] = "1000"
    app.run().switch_page("data.py")
    app.query_params.clear()
    app.query_params.update({"lang": lang, **to_flat(RunConfig(data=data))})
    app.run()
    assert not app.exception
    return app


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
    dataset = prepare(EVERY[name])
    described(app, EVERY[name], lang)
    assert spelled(app).data == EVERY[name]
    assert app.selectbox("data.id").value == name
    assert len(app.dataframe[0].value) == len(dataset.schema.tasks)
    assert "preview" not in said(app)
    if lang == "en" and name in BADGES:
        assert BADGES[name] in said(app)


def test_every_known_dataset_opens_on_the_data_page(app: AppTest) -> None:
    for known in known_datasets():
        described(app, known.config)
        is_absent = isinstance(known.config, Stored)
        assert bool(app.info) == is_absent
        assert bool(app.dataframe) != is_absent


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_is_previewed_before_any_click_and_leaves_nothing(app: AppTest, home: Path, name: str) -> None:
    described(app, SIMULATED[name].model_copy(update={"num_rows": 30_000}))
    assert "preview: 20,000 of 30,000 rows" in said(app)
    assert list(home.glob("datasets/*")) == list(home.glob("datasets/.*")) == []
    assert not list(Path(gettempdir()).glob("mmoe-preview-*"))
    assert [known.name for known in known_datasets() if known.is_ready] == []


def test_a_turned_dial_changes_the_preview_and_the_address(app: AppTest) -> None:
    described(app, SimulatedFeed(num_rows=5_000))
    before = app.dataframe[0].value
    app.number_input("data.bait").set_value(2.0).run()
    assert not app.exception
    assert spelled(app).data == SimulatedFeed(num_rows=5_000, bait=2.0)
    assert not app.dataframe[0].value.equals(before)


@pytest.mark.parametrize("name", SIMULATED)
def test_the_data_page_shows_every_dial_and_the_train_page_the_main_ones(app: AppTest, name: str) -> None:
    data = SIMULATED[name]
    described(app, data)
    keys = {element.key for element in app.number_input}
    means_nothing = {"hidden", "satisfaction"} if name == "ali-ccp-classroom" else set()
    expected = {f"data.{field}" for field in type(data).model_fields} - {
        "data.source",
        "data.profile",
        "data.label_spaces",
    }
    assert keys == expected - {f"data.{field}" for field in means_nothing}
    opened(app, **to_flat(RunConfig(data=data)))
    assert {element.key for element in app.number_input if element.key.startswith("data.")} < keys


def test_no_two_dials_of_the_paper_can_be_refused_together(app: AppTest) -> None:
    described(app, MmoePaper(num_rows=1000, num_features=3, num_tasks=3))
    assert app.number_input("data.num_tasks").max == 3
    assert app.number_input("data.num_features").min == 3


def test_the_whole_dataset_is_made_on_request_and_what_is_too_long_is_left_to_the_run(app: AppTest, home: Path) -> None:
    data = SimulatedFeed(num_rows=25_000)
    described(app, data)
    app.button("make").click().run()
    assert not app.exception
    assert (home / "datasets" / data.dataset_name).is_dir()
    assert "preview" not in said(app)
    described(app, SimulatedFeed(num_rows=2_000_000))
    assert "preview: 20,000 of 2,000,000 rows" in said(app)
    assert "made by the training process" in said(app)
    assert "make" not in {button.key for button in app.button}


def test_the_dataset_and_its_dials_are_shared_with_the_train_page(app: AppTest) -> None:
    chosen = SimulatedFeed(num_rows=2_000, bait=0.25, seed=9)
    described(app, chosen)
    app.query_params.clear()
    app.switch_page("train.py").run()
    assert not app.exception
    assert spelled(app).data == chosen
    app.number_input("data.bait").set_value(0.75).run()
    app.query_params.clear()
    app.switch_page("data.py").run()
    assert spelled(app).data == SimulatedFeed(num_rows=2_000, bait=0.75, seed=9)


def test_choices_made_after_a_run_was_chosen_survive_another_page(app: AppTest) -> None:
    config = RunConfig(data=SimulatedAliCcp(num_rows=1000))
    run = Store(runs_folder()).create(config, schema=prepare(config.data).schema)
    opened(app, **to_flat(config), run=run.run_id)
    app.query_params.clear()
    app.switch_page("data.py").run()
    app.number_input("data.rho").set_value(0.5).run()
    app.query_params.clear()
    app.switch_page("train.py").run()
    assert spelled(app).data == SimulatedAliCcp(num_rows=1000, rho=0.5)
    assert app.query_params["run"] == run.run_id


def test_the_doctor_says_what_is_wrong_and_only_when_asked_of_large_data(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    described(app, SIMULATED["ali-ccp-true-rates"])
    assert "Every label of purchase in validation is 0." in said(app)
    monkeypatch.setattr(cards, "MADE_AT_ONCE", 100)
    described(app, SIMULATED["ali-ccp-true-rates"])
    assert "Every label of purchase in validation is 0." not in said(app)
    app.button("doctor").click().run()
    assert "Every label of purchase in validation is 0." in said(app)


def test_a_log_at_the_real_rates_is_compared_and_the_classroom_says_that_it_differs(app: AppTest) -> None:
    described(app, SIMULATED["ali-ccp-true-rates"])
    table = app.dataframe[-1].value
    assert len(table) > 70
    assert {"share of rows with 101", "broken: 508 = 109_14 at 206"} <= set(table["quantity"])
    described(app, SIMULATED["ali-ccp-classroom"])
    assert "raised on purpose" in said(app)
    assert list(app.dataframe[-1].value["agrees"]) == ["no", "no"]


def test_what_a_conversion_compared_is_shown_with_its_verdict(app: AppTest, home: Path) -> None:
    made = prepare(Census())
    told = DataWarning(template="This is the complete Ali-CCP.")
    lines = Comparison(
        quantity="share of rows with {field}", values={"field": "101"}, published=0.5, found=0.4, agrees=True
    )
    manifest = made.manifest.model_copy(update={"comparisons": (lines,), "verdict": told, "config": None})
    (made.folder / "manifest.json").write_text(manifest.model_dump_json())
    made.folder.rename(home / "datasets" / "converted")
    described(app, Stored(name="converted"), "zh")
    assert "这是完整的 Ali-CCP。" in said(app)
    assert "有 101 的行的占比" in set(app.dataframe[-1].value["量"])


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
    shown = tables.labels(describe(prepare(SIMULATED["feed"])))
    cells = {row["task"]: row["train"] for row in shown}
    assert "±" in cells["dwell"]
    assert [task for task, cell in cells.items() if " / 800 = " not in cell] == ["dwell"]


def test_the_badge_says_no_more_than_is_known(home: object) -> None:
    del home
    simulated = prepare(SIMULATED["feed"]).schema
    assert summary.badge_text(simulated, Stored(name="adopted")) == "simulated"
    assert summary.badge_text(prepare(Census()).schema, Census()) is None
