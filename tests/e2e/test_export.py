"""A person takes a run away in the browser, and opens what somebody else took away."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from mmoe_core.config import from_flat
from mmoe_core.data import prepare
from mmoe_core.runs import RunRow, Store, work
from tests.e2e.conftest import NOT_RUNNING, App

pytestmark = pytest.mark.browser

SMALL = {"data.num_rows": "2000", "train.max_steps": "6", "train.probe_rows": "150", "train.snapshot_every": "2"}


@pytest.fixture(scope="module")
def run(app: App) -> RunRow:
    store = Store(app.home / "runs")
    config = from_flat(SMALL)
    prepare(config.data, home=app.home)
    return work(store.create(config, "to go").run_id, store=store)


def open_page(page: Page, app: App, run: RunRow) -> None:
    page.goto(app.url("export", lang="en", run=run.run_id))
    page.wait_for_selector(NOT_RUNNING)


def downloaded(page: Page, way: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.locator(f".st-key-way_{way}").get_by_role("button", name="Download").click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


def test_a_bundle_goes_out_and_comes_in_as_a_second_run(app: App, page: Page, run: RunRow, tmp_path: Path) -> None:
    open_page(page, app, run)
    file = downloaded(page, "bundle", tmp_path)
    assert file.name == f"{run.run_id}.bundle.zip"
    assert json.loads(ZipFile(file).read("run.json"))["run_id"] == run.run_id
    before = {row.run_id for row in Store(app.home / "runs").rows()}
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Open it as a run").click()
    page.get_by_text("It is here now, as run").wait_for()
    (opened,) = {row.run_id for row in Store(app.home / "runs").rows()} - before
    page.get_by_role("link", name="Look at its gates").click()
    page.get_by_text("Who listens to whom?").wait_for()
    assert opened in page.url


def test_a_file_that_is_no_bundle_is_refused_in_a_sentence(app: App, page: Page, run: RunRow, tmp_path: Path) -> None:
    open_page(page, app, run)
    (tmp_path / "holiday photos.zip").write_bytes(b"no zip at all")
    page.locator('input[type="file"]').set_input_files(tmp_path / "holiday photos.zip")
    page.get_by_role("button", name="Open it as a run").click()
    page.get_by_text("holiday photos.zip is not a zip file").wait_for()


def test_a_script_and_predictions_are_downloaded_at_once(app: App, page: Page, run: RunRow, tmp_path: Path) -> None:
    open_page(page, app, run)
    assert run.run_id in downloaded(page, "script", tmp_path).read_text(encoding="utf-8")
    assert downloaded(page, "predictions", tmp_path).read_bytes()[:4] == b"PAR1"


def test_a_network_is_made_in_the_background_and_then_downloaded(
    app: App, page: Page, run: RunRow, tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    open_page(page, app, run)
    way = page.locator(".st-key-way_onnx")
    way.get_by_role("button", name="Make it").click()
    expect(way.get_by_role("button", name="Being made …")).to_be_disabled(timeout=30_000)
    way.get_by_role("button", name="Download").wait_for(timeout=120_000)
    model = onnx.load(downloaded(page, "onnx", tmp_path))
    assert [output.name for output in model.graph.output] == ["probability:click", "probability:purchase", "gates:1"]
