"""The page offers every way out of a run that has ended, and says why where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import from_flat
from mmoe_core.exports import WAYS, export, open_bundle, ways
from mmoe_core.runs import RunRow, Store, work

SMALL = {"data.num_rows": "2000", "train.max_steps": "4", "train.probe_rows": "150"}


@pytest.fixture
def run(home: Path) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat(SMALL)).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("export.py").run()


def buttons(app: AppTest) -> dict[str, str]:
    """Key → label, of the buttons that download or make something."""
    found = [*app.button, *app.get("download_button")]
    return {key: one.label for one in found if (key := _key(one)).startswith("export.")}


def _key(one: object) -> str:
    return str(one.proto.id).rsplit("-", 1)[-1]  # type: ignore[attr-defined]


def test_without_a_run_the_page_says_how_to_get_one_and_takes_a_bundle(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert any("No finished run yet" in text.value for text in app.markdown)
    assert "Has somebody given you a bundle?" in [one.value for one in app.subheader]


@pytest.mark.parametrize(("lang", "label"), [("en", "Download"), ("zh", "下载")])
def test_a_run_is_offered_in_every_way(app: AppTest, run: RunRow, lang: str, label: str) -> None:
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    offered = buttons(app)
    assert {key.split(".")[-1] for key in offered} == set(WAYS)
    assert [offered[f"export.download.{way}"] for way in ("script", "bundle", "predictions")] == [label] * 3
    assert list(app.dataframe[0].value.iloc[:, 0]) == [
        f"{kind}:{task}" for kind in ("score", "label", "observed") for task in ("click", "purchase")
    ]


def test_a_library_that_is_not_installed_is_named_in_the_readers_language(
    app: AppTest, run: RunRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "find_spec", lambda name: None if name == "mlflow" else object())
    opened(app, lang="zh", run=run.run_id)
    assert not app.exception
    assert any("这种导出需要 mlflow" in one.value for one in app.caption)
    assert not any(key.endswith("mlflow") for key in buttons(app))


def test_a_file_that_is_gone_is_a_sentence_and_the_rest_is_still_offered(app: AppTest, run: RunRow, home: Path) -> None:
    (home / "runs" / run.run_id / "predictions.parquet").unlink()
    opened(app, lang="en", run=run.run_id)
    assert not app.exception
    assert sum("has no predictions.parquet in its folder any more" in one.value for one in app.caption) == 2
    assert "export.download.script" in buttons(app)


def test_a_run_that_goes_on_is_not_offered(app: AppTest, run: RunRow, home: Path) -> None:
    store = Store(home / "runs")
    unfinished = store.create(from_flat(SMALL))
    opened(app, lang="en", run=unfinished.run_id)
    assert not app.exception
    assert app.selectbox(key="run").options != []
    assert all(unfinished.run_id not in str(option) for option in app.selectbox(key="run").options)
    assert app.query_params["run"] == [run.run_id] or app.query_params["run"] == run.run_id


def test_a_run_and_its_opened_copy_are_told_apart(app: AppTest, run: RunRow, home: Path) -> None:
    store = Store(home / "runs")
    export(store, run.run_id, "bundle", home / "run.zip")
    copy = open_bundle(store, home / "run.zip")
    opened(app, lang="en", run=run.run_id)
    assert len(set(app.selectbox(key="run").options)) == 2
    for chosen in (copy.run_id, run.run_id):
        app.selectbox(key="run").set_value(chosen).run()
        assert app.selectbox(key="run").value == chosen
