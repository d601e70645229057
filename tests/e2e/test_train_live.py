"""A person starts a run by clicking, watches it, steers it, stops it; and the run does not care about the browser."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import NOT_RUNNING, App, new_page

pytestmark = pytest.mark.browser

SMALL = {"data.source": "ali-ccp", "data.num_rows": "20000", "train.validate_every": "10", "train.snapshot_every": "2"}
LONG = SMALL | {"train.epochs": "2000"}  # far longer than any test looks


def open_train(page: Page, app: App, **choices: str) -> None:
    page.goto(app.url("train", **choices))
    page.wait_for_selector(NOT_RUNNING)


def start(page: Page) -> Locator:
    """Click Train; the live panel, once it has drawn a step."""
    page.get_by_role("button", name=re.compile("^(Train|开始训练)$")).click()
    live = page.locator(".live[data-state=running]")
    live.wait_for()
    expect.set_options(timeout=30_000)
    wait_for_step(live, 1)
    return live


def wait_for_step(live: Locator, step: int) -> int:
    """Wait until the panel has drawn at least this step; the step it has drawn."""
    for _ in range(300):
        drawn = int(live.get_attribute("data-last-step") or 0)
        if drawn >= step:
            return drawn
        time.sleep(0.1)
    raise AssertionError(f"step {step} was not drawn; the panel stands at {live.get_attribute('data-last-step')}")


def trainers() -> list[str]:
    """Command lines of living trainer processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "mmoe_core train --run" in command:
            found.append(command)
    return found


def root(page: Page) -> Locator:
    return page.locator(".live").first


def test_a_click_trains_and_the_pictures_move_without_a_blank_frame(app: App, page: Page) -> None:
    open_train(page, app, **LONG)
    live = start(page)
    loss, gates = page.locator("[data-part=loss]"), page.locator("[data-part=gates]")
    page.evaluate("window.kept = []")
    for part in (loss, gates):
        part.locator("svg, canvas").first.evaluate("node => { node.mark = 1; window.kept.push(node) }")
    before_path = loss.locator("path").first.get_attribute("d")
    before_gates = gates.text_content()
    wait_for_step(live, wait_for_step(live, 1) + 60)
    assert loss.locator("path").first.get_attribute("d") != before_path
    assert gates.text_content() != before_gates
    # The very nodes that were there before are still there: nothing was remounted.
    assert page.evaluate("window.kept.length === 2 && window.kept.every(node => node.isConnected && node.mark === 1)")

    page.locator("[data-action=stop]").click()
    page.locator(".live[data-state=stopped]").wait_for()
    assert trainers() == []


def test_pause_step_weights_and_refresh(app: App, page: Page) -> None:
    open_train(page, app, **LONG, **{"train.seed": "7"})
    live = start(page)
    page.locator("[data-action=pause]").click()
    page.locator(".live[data-state=paused]").wait_for()
    time.sleep(1.0)
    paused_at = wait_for_step(root(page), 1)
    page.locator("[data-action=step]").click()
    assert wait_for_step(root(page), paused_at + 1) == paused_at + 1

    fader = page.locator("[data-part=weights] input[type=range]").first
    fader.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    said = page.locator("[data-part=weights]").text_content()
    page.locator("[data-action=continue]").click()
    page.locator(".live[data-state=running]").wait_for()
    running = wait_for_step(root(page), paused_at + 20)
    assert said != ""

    page.reload()
    page.locator(".live[data-state=running]").wait_for()
    assert wait_for_step(root(page), running) >= running
    page.locator("[data-action=stop]").click()
    page.locator(".live[data-state=stopped]").wait_for()
    assert trainers() == []
    assert live.count() >= 0


def test_a_second_visitor_sees_the_same_run_and_a_double_click_starts_one(
    app: App, page: Page, browser: Browser
) -> None:
    open_train(page, app, **LONG, **{"train.seed": "9"})
    page.get_by_role("button", name="Train", exact=True).dblclick()
    page.locator(".live[data-state=running]").wait_for()
    assert len(trainers()) == 1
    second = new_page(browser)
    second.goto(page.url)
    second.locator(".live[data-state=running]").wait_for()
    second.locator("[data-action=stop]").click()
    page.locator(".live[data-state=stopped]").wait_for()
    second.context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["", "train", "gates", "data"])
def test_nothing_scrolls_sideways_on_a_phone(app: App, browser: Browser, name: str, language: str) -> None:
    phone = new_page(browser, width=390, height=2400, dark=True)
    phone.goto(app.url(name, lang=language))
    phone.wait_for_selector(NOT_RUNNING)
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert phone.locator('[data-testid="stException"]').count() == 0
    assert phone.console_errors == []
    phone.context.close()
