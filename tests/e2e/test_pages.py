"""Every page opens for everybody: two languages, light and dark, wide and narrow, without a word of error."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NOT_RUNNING, App, new_page
from tests.e2e.test_train_live import panel

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "name", ["", "train", "gates", "segments", "row", "results", "compare", "studies", "data", "bring", "export"]
)
def test_nothing_scrolls_sideways_on_a_phone_and_nothing_fails(
    app: App, browser: Browser, name: str, language: str
) -> None:
    phone = new_page(browser, width=390, height=2400, dark=True)
    phone.goto(app.url(name, lang=language))
    phone.wait_for_selector(NOT_RUNNING)
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert phone.locator('[data-testid="stException"]').count() == 0
    assert phone.console_errors == []
    phone.context.close()


def test_home_is_alive_before_any_click(app: App, page: Page) -> None:
    page.goto(app.url(lang="en"))
    replay = panel(page, mode="replay")
    replay.wait_for()
    first = int(replay.get_attribute("data-last-step") or 0)
    expect(replay).not_to_have_attribute("data-last-step", str(first))
    assert "simulated" in (page.locator("[data-part=status]").text_content() or "")


def test_the_language_switch_changes_the_words_and_the_address(app: App, page: Page) -> None:
    page.goto(app.url("train", lang="en"))
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="开始训练").wait_for()
    assert "lang=zh" in page.url


def test_an_address_that_asks_too_much_is_refused_with_a_sentence(app: App, page: Page) -> None:
    page.goto(app.url("train", lang="en", **{"model.num_experts": "1000000000"}))
    page.get_by_text("would need 512.0 GB").wait_for()


def test_a_turned_dial_changes_the_preview_in_sight(app: App, page: Page) -> None:
    page.goto(app.url("data", lang="en", **{"data.source": "feed"}))
    page.get_by_text("preview: 20,000 of 200,000 rows").wait_for()
    funnel = page.locator(".st-key-funnel .annotation-text")
    expect(funnel.nth(1)).to_contain_text("click")
    before = funnel.nth(1).text_content() or ""
    bait = page.get_by_label("Bait")
    bait.fill("2")
    bait.press("Enter")
    expect(funnel.nth(1)).not_to_have_text(before)
    expect(page).to_have_url(re.compile(r"data\.bait=2\b"))
    page.get_by_role("link", name="Train on it").click()
    page.get_by_role("button", name="Start training").wait_for()
    expect(page).to_have_url(re.compile(r"/train\?.*data\.bait=2\b"))
    expect(page.get_by_label("Bait")).to_have_value("2")
