"""The upload component alone, on a blank page: what it sends, what it refuses to send, and what it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from pages.ui.upload.component import script

pytestmark = pytest.mark.browser

SITE = "http://lab.test"
MOUNT = """async (data) => {
  const module = await import("/upload.js");
  const host = document.querySelector("#host");
  const parent = host.shadowRoot ?? host.attachShadow({mode: "open"});
  window.told ??= [];
  window.leave = module.default({ data, parentElement: parent, setStateValue: (name, text) => window.told.push(text) });
}"""


class Stage:
    """The component and a server that answers `status`, or never where it is 0."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = 201
        self.asked: list[tuple[str, str]] = []
        page.route(f"{SITE}/**", self._serve)
        page.goto(f"{SITE}/")

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/upload.js":
            route.fulfill(body=script(), content_type="text/javascript")
        elif path.startswith("/api/uploads"):
            self.asked.append((route.request.method, path))
            assert route.request.headers["x-mmoe-upload"] == "1"
            error = {"error": "DatasetError", "template": "too {how}", "values": {"how": "much"}, "message": "too much"}
            if self.status:
                answer = {"token": f"{len(self.asked):032x}", "size": 3} if self.status == 201 else error
                route.fulfill(status=self.status, json=answer)
        else:
            route.fulfill(body="<!doctype html><body><div id=host>", content_type="text/html")

    def show(self, **choices: Any) -> None:
        view = {"label": "A file", "most": 1, "limit": 1000, "address": "/api/uploads", "header": "x-mmoe-upload"}
        self.page.evaluate(MOUNT, {**view, "language": "en", "strings": {}, **choices})

    def choose(self, *names: str, num_bytes: int = 3) -> None:
        files = [{"name": name, "mimeType": "text/csv", "buffer": bytes(num_bytes)} for name in names]
        self.page.locator("input").set_input_files(files)

    def told(self) -> list[dict[str, Any]]:
        """What the page was told last."""
        return json.loads(self.page.evaluate("window.told.at(-1) ?? '[]'"))

    def rows(self, state: str) -> Any:
        return self.page.locator(f'li[data-state="{state}"]')


@pytest.fixture
def stage(page: Page) -> Stage:
    return Stage(page)


def test_several_files_are_sent_one_after_the_other_and_told_with_their_tokens(stage: Stage) -> None:
    stage.show(most=3)
    stage.choose("a.csv", "b.csv", "c.csv", "d.csv")
    expect(stage.rows("uploaded")).to_have_count(3)
    assert [(file["name"], file["size"], int(file["token"], 16)) for file in stage.told()] == [
        ("a.csv", 3, 1),
        ("b.csv", 3, 2),
        ("c.csv", 3, 3),
    ]
    expect(stage.page.get_by_text("3 files are enough: the others were not taken.")).to_be_visible()


def test_what_is_too_large_is_never_sent(stage: Stage) -> None:
    stage.show(limit=10)
    stage.choose("big.csv", num_bytes=11)
    expect(stage.rows("failed")).to_contain_text("This file has 11 B; at most 10 B may be uploaded now.")
    assert stage.asked == []


def test_where_one_file_is_asked_for_another_takes_its_place_and_the_first_is_forgotten(stage: Stage) -> None:
    stage.show()
    stage.choose("a.csv")
    expect(stage.rows("uploaded")).to_contain_text("a.csv")
    stage.choose("b.csv")
    expect(stage.rows("uploaded")).to_contain_text("b.csv")
    assert [file["name"] for file in stage.told()] == ["b.csv"]
    assert ("DELETE", f"/api/uploads/{1:032x}") in stage.asked


def test_a_refusal_of_the_server_is_said_in_the_readers_language(stage: Stage) -> None:
    stage.status = 413
    stage.show(strings={"too {how}": "太多：{how}"})
    stage.choose("a.csv")
    expect(stage.rows("failed")).to_contain_text("太多：much")
    assert stage.told() == []
    stage.page.console_errors.clear()  # the browser's own word about the status


def test_an_upload_can_be_cancelled_and_a_component_that_is_left_sends_no_more(stage: Stage) -> None:
    stage.status = 0
    stage.show(most=3)
    stage.choose("a.csv", "b.csv")
    stage.page.get_by_role("button", name="Cancel · a.csv").click()
    expect(stage.page.get_by_role("button", name="Cancel · b.csv")).to_be_visible()
    expect(stage.page.locator("li")).to_have_count(1)
    stage.page.evaluate("window.leave()")
    expect(stage.page.locator(".upload")).to_have_count(0)
    assert stage.told() == []


def test_the_same_nodes_stay_when_the_page_speaks_another_language(stage: Stage) -> None:
    stage.show()
    stage.choose("a.csv")
    expect(stage.rows("uploaded")).to_have_count(1)
    stage.page.locator("li").evaluate("node => { window.kept = node }")
    stage.show(language="zh", strings={"uploaded": "已上传"})
    expect(stage.rows("uploaded")).to_contain_text("已上传")
    assert stage.page.evaluate("window.kept.isConnected")
