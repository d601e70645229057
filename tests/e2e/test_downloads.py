"""What is offered under a figure arrives as a file: the picture as PNG and as SVG, and its numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import App


@pytest.mark.parametrize(
    ("label", "name", "begins"),
    [
        ("Picture, PNG", "differences.png", b"\x89PNG"),
        ("Picture, SVG", "differences.svg", b"<svg"),
        ("Numbers, CSV", "differences.csv", "\ufeff".encode()),
    ],
)
def test_a_figure_is_taken_away(app: App, page: Page, tmp_path: Path, label: str, name: str, begins: bytes) -> None:
    page.goto(app.url("studies", lang="en"))
    page.locator(".st-key-figure_differences .js-plotly-plot .modebar").wait_for(state="attached")
    page.locator(".st-key-differences_downloads button").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    assert waiting.value.suggested_filename == name
    waiting.value.save_as(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)
    if name.endswith(".csv"):
        assert {"panel", "x", "y"} <= set(pd.read_csv(tmp_path / name))
