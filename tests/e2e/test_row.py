"""In a real browser: a field says something else, the probability moves, and undo brings back the very same one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mmoe_core.config import from_flat
from mmoe_core.runs import Store, work
from tests.e2e.conftest import App

pytestmark = pytest.mark.browser

SMALL = {"data.num_rows": "2000", "train.max_steps": "20", "train.probe_rows": "50", "train.batch_size": "128"}


def test_a_changed_field_moves_the_probability_and_undo_takes_it_back(
    app: App, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(app.home))
    store = Store(app.home / "runs")
    run = work(store.create(from_flat(SMALL)).run_id, store=store)
    page.goto(app.url("row", lang="en", run=run.run_id, row="5", changes="10:7"))
    words = page.locator(".st-key-row_trace .annotation-text")
    expect(words.filter(has_text="→").first).to_be_visible(timeout=60_000)
    changed = words.all_text_contents()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(words.filter(has_text="→")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("changes="))
    plain = words.all_text_contents()
    assert plain != changed
    page.goto(app.url("row", lang="en", run=run.run_id, row="5"))
    expect(words.first).to_be_visible()
    assert words.all_text_contents() == plain
