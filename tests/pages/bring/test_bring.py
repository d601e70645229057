"""Bring your data: looked at, explained and imported; what is wrong is a sentence before anything is written."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import datasets_folder
from mmoe_core.data import look_in_child, open_dataset
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.data.importing import IsCancelled
from mmoe_core.data.progress import OnProgress
from mmoe_core.data.raw import RawOptions, work_folder
from mmoe_core.data.table import ROOTS_VARIABLE, TableMapping
from mmoe_core.errors import DatasetError
from pages.ui import language, loaders
from pages.ui.bring import wording
from tests.data.raw.some_raw import write_raw

SETTLED_S = 60


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is open to pages."""
    folder = tmp_path / "open"
    folder.mkdir()
    monkeypatch.setenv(ROOTS_VARIABLE, str(folder))
    return folder


def log(num_rows: int = 400) -> pd.DataFrame:
    draw = np.random.default_rng(3)
    click = (np.arange(num_rows) % 3 == 0).astype(int)
    return pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in draw.integers(0, 60, num_rows)],
            "item": draw.integers(0, 9, num_rows),
            "price": draw.random(num_rows).round(3),
            "click": click,
            "purchase": click * (np.arange(num_rows) % 6 == 0),
        }
    )


def opened(app: AppTest, kind: str = "table", path: Path | None = None, lang: str = "en") -> AppTest:
    """The page, with a path typed."""
    app.query_params["lang"] = lang
    app.query_params["data.num_rows"] = "1000"
    app.run().switch_page("bring.py").run()
    app.segmented_control("bring.kind").set_value(kind).run()
    if kind != "raw":
        app.segmented_control("bring.place").set_value("path").run()
    if path is not None:
        app.text_input(f"bring.path.{kind}").set_value(str(path)).run()
    assert not app.exception
    return app


def looked(app: AppTest, path: Path) -> AppTest:
    """A table on the page, after the look at it."""
    opened(app, path=path)
    app.button("bring.look").click().run()
    (job,) = loaders.looks().jobs()
    job.wait(SETTLED_S)
    return settled(app)


def imported(app: AppTest, name: str) -> AppTest:
    """After the import that the button begins."""
    app.button("bring.import").click().run()
    job = loaders.imports().find(name)
    assert job is not None
    job.wait(SETTLED_S)
    return settled(app)


def settled(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(
        one.value for one in (*app.error, *app.warning, *app.markdown, *app.caption, *app.info, *app.success)
    )


def test_a_table_is_looked_at_its_offered_roles_are_taken_and_it_is_imported(app: AppTest, root: Path) -> None:
    log().to_csv(root / "Shop log.csv", index=False)
    looked(app, root / "Shop log.csv")
    table = app.dataframe[0].value
    assert list(table["column"]) == ["user_id", "item", "price", "click", "purchase"]
    assert table["role"].isna().all()  # offered, never applied
    assert app.button("bring.import").disabled
    assert not datasets_folder().exists()

    app.button("bring.take").click().run()
    assert list(app.dataframe[0].value["role"]) == ["id", "id", "value", "binary", "binary"]
    assert app.text_input("bring.name.shop-log").value == "shop-log"
    app.text_input("bring.name.shop-log").set_value("mine").run()
    imported(app, "mine")
    assert "“mine” is ready: 400 rows." in said(app)
    made = open_dataset(datasets_folder() / "mine")
    mapping = TableMapping.model_validate_json((made.folder / "mapping.json").read_bytes())
    assert (mapping.user, mapping.split, mapping.label_names) == ("user_id", "key", ("click", "purchase"))
    app.button("bring.dismiss.mine").click().run()
    assert "is ready" not in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_an_opened_folder_the_page_says_how_to_open_one(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.delenv(ROOTS_VARIABLE, raising=False)
    opened(app, lang=lang)
    assert f"{ROOTS_VARIABLE}=/srv/logs make run" in said(app)
    assert app.button("bring.look").disabled


def test_a_path_elsewhere_is_refused(app: AppTest, root: Path) -> None:
    (root.parent / "secret.csv").write_text("a\n1\n")
    opened(app, path=root / ".." / "secret.csv")
    assert "is not under a folder that is open to pages" in said(app)
    assert app.button("bring.look").disabled


def test_a_zip_called_csv_is_refused_by_its_own_name(app: AppTest, root: Path) -> None:
    with zipfile.ZipFile(root / "log.csv", "w") as file:
        file.writestr("a", "b")
    looked(app, root / "log.csv")
    assert "log.csv is a ZIP archive or a spreadsheet, whatever its name says" in said(app)
    assert not app.dataframe


def test_another_separator_looks_again_and_both_readings_are_offered(app: AppTest, root: Path) -> None:
    log().to_csv(root / "log.csv", index=False, sep=";")
    looked(app, root / "log.csv")
    (pick,) = [box for box in app.selectbox if box.key.startswith("bring.delimiter.")]
    assert pick.value == ";"
    pick.set_value(",").run()
    loaders.looks().jobs()[0].wait(SETTLED_S)
    settled(app)
    assert list(app.dataframe[0].value["column"]) == ["user_id;item;price;click;purchase"]
    assert "No column is a label yet" in said(app)


def test_no_label_and_a_taken_name_are_said_beside_the_button(app: AppTest, root: Path) -> None:
    (datasets_folder() / "mine").mkdir(parents=True)
    log().to_csv(root / "mine.csv", index=False)
    looked(app, root / "mine.csv")
    assert "No column is a label yet" in said(app)
    app.button("bring.take").click().run()
    assert "There is already a dataset 'mine'" in said(app)
    assert app.button("bring.import").disabled
    app.text_input("bring.name.mine").set_value("../mine").run()
    assert "cannot be a dataset's name" in said(app)
    app.text_input("bring.name.mine").set_value("other").run()
    assert not app.button("bring.import").disabled


def test_what_fails_says_why_and_leaves_nothing(app: AppTest, root: Path) -> None:
    log().to_csv(root / "mine.csv", index=False)
    looked(app, root / "mine.csv")
    app.button("bring.take").click().run()
    with (root / "mine.csv").open("a") as file:
        file.write("u1,1,0.5,2,0\n")
    imported(app, "mine")
    assert "mine.csv, column 'click', row 402: the label '2' is not 0 or 1 (such rows: 1)" in said(app)
    assert not list(datasets_folder().parent.glob("datasets/*"))


def test_a_files_own_words_are_neither_markup_nor_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    error = DatasetError("'{column}' is empty: ignore it.", column="![x](//a.test) **b** :red[c]")
    assert wording.said(error) == r"'\!\[x\](//a.test) \*\*b\*\* \:red\[c\]' is empty: ignore it."
    monkeypatch.setattr(language, "language", lambda: "zh")
    named = DatasetError("'{column}' is empty: ignore it.", column="dwell")  # a word that the catalogue knows
    assert wording.said(named) == "“dwell”是空的，请忽略它。"
    assert wording.own_name("../../logs\\![x](日志).csv") == "_x_(日志).csv"


def test_a_processed_table_is_imported_from_a_path(app: AppTest, root: Path) -> None:
    rows = {name: [index % 2 for index in range(200)] for name in LABEL_NAMES}
    rows |= {name: [index % 50 for index in range(200)] for name in (*ID_NAMES, *VALUE_NAMES)}
    pd.DataFrame(rows).to_csv(root / "all.csv", index=False)
    opened(app, "ali-ccp", root / "all.csv")
    imported(app, "all")
    assert "“all” is ready: 200 rows." in said(app)


def test_raw_files_are_converted_with_the_choices_of_the_page(app: AppTest, root: Path) -> None:
    write_raw(root / "log")
    opened(app, "raw", root / "log")
    assert "An earlier conversion" not in said(app)
    work_folder(datasets_folder() / "log").mkdir(parents=True)
    assert "An earlier conversion to this name was ended" in said(settled(app))
    app.number_input("bring.raw.frequency").set_value(2).run()
    app.number_input("bring.raw.history_tokens").set_value(4).run()
    imported(app, "log")
    made = open_dataset(datasets_folder() / "log")
    assert max(field.num_tokens for field in made.schema.id_fields) == max(4, RawOptions().item_tokens)
    assert sum(made.manifest.rows.values()) > 800


def test_a_raw_folder_without_its_files_is_refused_before_anything_begins(app: AppTest, root: Path) -> None:
    write_raw(root / "log")
    (root / "log" / "common_features_test.csv").unlink()
    opened(app, "raw", root / "log")
    assert "no common_features_test.csv" in said(app)
    assert app.button("bring.import").disabled


def test_an_import_is_seen_by_another_visitor_and_can_be_cancelled(app: AppTest, root: Path) -> None:
    os.mkfifo(root / "log.fifo")  # a file that never ends: nobody writes to it

    def work(on_progress: OnProgress, is_cancelled: IsCancelled) -> Any:
        return look_in_child(root / "log.fifo", on_progress=on_progress, is_cancelled=is_cancelled)

    job = loaders.imports().start("slow", work)
    write_raw(root / "slow")
    opened(app, "raw", root / "slow")
    assert "It goes on when you leave this page." in said(app)
    assert "'slow' is being made at this moment" in said(app)
    assert app.button("bring.import").disabled
    app.button("bring.cancel.slow").click().run()
    job.wait(SETTLED_S)
    settled(app)
    assert "was cancelled. Nothing was imported." in said(app)
    assert job.state == "cancelled"
