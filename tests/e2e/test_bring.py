"""A person brings data: a file through the browser or a path, what it is, and the dataset at the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NOT_RUNNING, ROOT, App
from tests.e2e.test_train_live import panel

pytestmark = pytest.mark.browser

SAMPLE = ROOT.parent / "shared" / "ali-ccp"


def open_bring(page: Page, app: App, kind: str = "") -> None:
    page.goto(app.url("bring", lang="en"))
    page.wait_for_selector(NOT_RUNNING)
    if kind:
        page.get_by_text(kind, exact=True).click()
        page.wait_for_selector(NOT_RUNNING)


def upload(page: Page, *files: Path) -> None:
    """Through the component's own input, until it says that they are there."""
    expect(page.locator('input[type="file"]')).to_have_count(1)  # what was asked for before is gone
    page.locator('input[type="file"]').set_input_files(list(files))
    expect(page.locator('li[data-state="uploaded"]')).to_have_count(len(files))


def name_it(page: Page, name: str) -> None:
    box = page.get_by_label("Name of the dataset")
    box.fill(name)
    box.press("Enter")
    page.wait_for_selector(NOT_RUNNING)


def uploaded(app: App) -> list[Path]:
    return list((app.home / "uploads").glob("*"))


def write_log(path: Path, num_rows: int = 300) -> Path:
    rows = [f"u{row % 30},{row % 7},{row / 10},{int(row % 3 == 0)}" for row in range(num_rows)]
    path.write_text("\n".join(["user_id,item,price,click", *rows]) + "\n")
    return path


def test_an_uploaded_log_is_explained_imported_and_found_on_the_data_page(app: App, page: Page, tmp_path: Path) -> None:
    before = set(uploaded(app))
    open_bring(page, app)
    upload(page, write_log(tmp_path / "My shop.csv"))
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_text("No column is a label yet").wait_for()
    page.get_by_role("button", name="Take the offered roles").click()
    page.get_by_text("No column is a label yet").wait_for(state="detached")
    expect(page.get_by_label("Name of the dataset")).to_have_value("my-shop")
    page.reload()  # the look is the server's
    page.get_by_role("button", name="Take the offered roles").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("“my-shop” is ready: 300 rows.").wait_for()
    assert set(uploaded(app)) == before
    page.get_by_role("link", name="What is in it?").click()
    page.get_by_text("Imported from a table whose columns were mapped by hand.").wait_for()
    assert "data.name=my-shop" in page.url


def test_what_is_removed_from_the_list_is_removed_from_the_server(app: App, page: Page, tmp_path: Path) -> None:
    before = set(uploaded(app))
    open_bring(page, app)
    upload(page, write_log(tmp_path / "log.csv"))
    assert len(set(uploaded(app)) - before) == 1
    page.get_by_role("button", name="Remove · log.csv").click()
    page.locator("li").filter(has_text="log.csv").wait_for(state="detached")
    expect(page.get_by_role("button", name="Look at the file")).to_be_disabled()
    page.wait_for_function("() => performance.getEntriesByType('resource').some(one => /uploads\\/./.test(one.name))")
    assert set(uploaded(app)) == before


def test_the_keyboard_reaches_the_file_input(app: App, page: Page, tmp_path: Path) -> None:
    page.on("filechooser", lambda chooser: None)  # from now on: the browser takes a moment before it hands dialogs on
    open_bring(page, app)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.type") == "file":
            break
    else:
        raise AssertionError("no number of tabs reached it")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(write_log(tmp_path / "log.csv"))
    page.locator('li[data-state="uploaded"]').wait_for()
    page.get_by_role("button", name="Remove · log.csv").click()


def test_raw_files_under_an_opened_folder_are_converted_with_progress(app: App, page: Page) -> None:
    raw = app.open / "raw-log"
    simulate = ["simulate", "ali-ccp", str(raw), "--profile", "true-rates", "--format", "raw", "--rows", "5000"]
    subprocess.run([sys.executable, "-m", "mmoe_core", *simulate], cwd=ROOT, check=True, capture_output=True)
    open_bring(page, app, "Raw Ali-CCP, four files")
    box = page.get_by_label("The folder with the four files")
    box.fill(str(raw))
    box.press("Enter")
    page.get_by_role("button", name="Convert").click()
    page.get_by_role("progressbar").wait_for()
    page.get_by_text("“raw-log” is ready: 5,0").or_(page.get_by_text("“raw-log” is ready: 4,9")).wait_for()
    page.get_by_role("progressbar").wait_for(state="detached")
    page.get_by_role("link", name="What is in it?").first.click()
    page.get_by_text("Converted from the raw files of Ali-CCP.").wait_for()


def test_a_bad_upload_is_refused_with_a_sentence_and_leaves_nothing(app: App, page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("click,purchase\n1,2\n")
    open_bring(page, app, "Processed Ali-CCP table")
    page.locator('input[type="file"][multiple]').wait_for(state="attached")  # it takes the place of the log's
    upload(page, bad)
    name_it(page, "bad")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("bad.csv, row 1: columns missing").wait_for()
    page.get_by_text("Nothing was imported").wait_for()
    assert not (app.home / "datasets" / "bad").exists()
    page.get_by_role("button", name="Dismiss").first.click()


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the real Ali-CCP sample is not on this machine; it may not be shipped")
def test_the_tutorial_trains_on_an_uploaded_sample_and_says_what_its_auc_rests_on(app: App, page: Page) -> None:
    open_bring(page, app, "Processed Ali-CCP table")
    page.locator('input[type="file"][multiple]').wait_for(state="attached")  # it takes the place of the log's
    upload(page, *sorted(SAMPLE.glob("*.csv")))
    expect(page.get_by_label("Name of the dataset")).to_have_value("ali-ccp-sample-as-given")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("“ali-ccp-sample-as-given” is ready").wait_for()
    page.get_by_role("link", name="What is in it?").first.click()
    page.get_by_text("This AUC rests on 1 positive (purchase, test).").wait_for()
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("Tutorial", exact=True).click()
    page.get_by_text("This AUC rests on 1 positive (purchase, test).").wait_for()
    page.get_by_role("button", name="Start training").click()
    panel(page, "finished").wait_for()
    assert "rests on 1 positive" in (page.locator("[data-part=auc]").text_content() or "")
