"""A person starts a run by clicking, watches it, steers it, stops it; and the run does not care about the browser."""

from __future__ import annotations

import json
import re
import time
import urllib.request

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mmoe_core.runs.lock import is_held
from tests.e2e.conftest import NOT_RUNNING, App, new_page

pytestmark = pytest.mark.browser

SMALL = {"data.source": "ali-ccp", "data.num_rows": "20000", "train.validate_every": "10", "train.snapshot_every": "2"}
LONG = SMALL | {"train.epochs": "2000"}  # far longer than any test looks


def open_train(page: Page, app: App, **choices: str) -> None:
    page.goto(app.url("train", lang="en", **choices))
    page.wait_for_selector(NOT_RUNNING)


def panel(page: Page, state: str = "", *, mode: str = "live") -> Locator:
    """The panel of a live run (or of a replay), in a state if one is named."""
    return page.locator(f".live[data-mode={mode}]" + (f"[data-state={state}]" if state else ""))


def start(page: Page) -> Locator:
    """Click until the panel has drawn a step of the new run."""
    page.get_by_role("button", name="Start training").click()
    panel(page, "running").wait_for()
    panel(page, mode="replay").wait_for(state="detached")
    wait_for_step(page, 1)
    return panel(page)


def drawn_step(page: Page) -> int:
    return int(panel(page).get_attribute("data-last-step") or 0)


def drawn_curves(part: Locator) -> str:
    """The `d` of every path of a card; longer with every point."""
    return part.locator("path").evaluate_all("paths => paths.map(path => path.getAttribute('d')).join()")


def wait_for_step(page: Page, step: int) -> int:
    """Wait until the panel has drawn at least this step; the step it has drawn."""
    for _ in range(300):
        if (drawn := drawn_step(page)) >= step:
            return drawn
        time.sleep(0.1)
    raise AssertionError(f"step {step} was not drawn; the panel stands at {drawn_step(page)}")


def trainers(app: App) -> list[str]:
    """Runs of this app that a living process works on: those whose lock is held."""
    return [path.parent.name for path in (app.home / "runs").glob("*/lock") if is_held(path)]


def stop(app: App, page: Page) -> None:
    """Click Stop; the run says its last word and its process is gone."""
    page.locator("[data-action=stop]").click()
    panel(page, "stopped").wait_for()
    for _ in range(50):
        if not trainers(app):
            return
        time.sleep(0.1)
    raise AssertionError(f"still there after 5 seconds: {trainers(app)}")


def records(app: App, page: Page, kind: str) -> list[dict]:
    """What the run in the page's address has said, as the live route tells it."""
    run = re.search(r"[?&]run=([^&]+)", page.url)
    assert run is not None
    with urllib.request.urlopen(f"{app.address}/api/runs/{run[1]}/delta?cursor=0&state=") as answer:
        return [record for record in json.load(answer)["records"] if record["kind"] == kind]


def test_a_click_trains_and_the_pictures_move_in_place(app: App, page: Page) -> None:
    open_train(page, app, **LONG)
    live = start(page)
    loss, gates = page.locator("[data-part=loss]"), page.locator("[data-part=gates]")
    live.evaluate("root => { window.kept = [root, ...root.querySelectorAll('svg')] }")
    curves, weights = drawn_curves(loss), gates.text_content()
    wait_for_step(page, drawn_step(page) + 60)
    assert len(drawn_curves(loss)) > len(curves)
    assert gates.text_content() != weights
    # The very nodes that were there before are there still: nothing was taken away and drawn anew.
    assert page.evaluate("window.kept.length >= 4 && window.kept.every(node => node.isConnected)")
    stop(app, page)


def test_pause_and_step_obey_and_a_fader_changes_the_next_step(app: App, page: Page) -> None:
    open_train(page, app, **LONG, **{"train.seed": "7"})
    start(page)
    page.locator("[data-action=pause]").click()
    panel(page, "paused").wait_for()
    time.sleep(1)
    held = drawn_step(page)
    page.locator("[data-action=step]").click()
    assert wait_for_step(page, held + 1) == held + 1

    fader = page.locator("[data-part=weights] input[type=range]").last
    fader.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    time.sleep(1)
    page.locator("[data-action=step]").click()
    wait_for_step(page, held + 2)
    (change,) = records(app, page, "change")
    after = records(app, page, "step")[-1]
    assert (change["step"], after["step"]) == (held + 2, held + 2)
    assert after["task_weights"]["purchase"] == change["task_weights"]["purchase"] > 1
    assert after["task_weights"]["click"] == 1

    page.locator("[data-action=continue]").click()
    panel(page, "running").wait_for()
    wait_for_step(page, held + 20)
    stop(app, page)


def test_refresh_and_a_second_visitor_find_the_same_run_and_a_double_click_starts_one(
    app: App, page: Page, browser: Browser
) -> None:
    open_train(page, app, **LONG, **{"train.seed": "9"})
    page.get_by_role("button", name="Start training").dblclick()
    panel(page, "running").wait_for()
    seen = wait_for_step(page, 5)
    assert len(trainers(app)) == 1
    page.reload()
    panel(page, "running").wait_for()
    assert wait_for_step(page, seen) >= seen
    second = new_page(browser)
    second.goto(page.url)
    panel(second, "running").wait_for()
    stop(app, second)
    panel(page, "stopped").wait_for()
    second.context.close()


def test_a_tab_that_outlives_the_server_still_steers_the_run(app: App, page: Page) -> None:
    open_train(page, app, **LONG, **{"train.seed": "11"})
    start(page)
    app.restart()
    panel(page, "running").wait_for()
    page.wait_for_selector(NOT_RUNNING)
    wait_for_step(page, drawn_step(page) + 20)
    stop(app, page)
    assert page.console_errors != []  # the lost connection, and nothing else
    page.console_errors[:] = [said for said in page.console_errors if not re.search("WebSocket|ERR_|Failed to", said)]


def test_on_a_phone_the_status_line_is_in_sight_after_the_start(app: App, browser: Browser) -> None:
    phone = new_page(browser, width=390, height=844)
    open_train(phone, app, **LONG, **{"train.seed": "13"})
    start(phone)
    phone.wait_for_selector(NOT_RUNNING)
    expect(phone.locator("[data-part=status] .status-line")).to_be_in_viewport()
    stop(app, phone)
    assert phone.console_errors == []
    phone.context.close()
