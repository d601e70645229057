"""The real app on a free port with an empty home, and a real Chromium in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from mmoe_core.data.table import ROOTS_VARIABLE
from mmoe_core.runs import Store, stop
from tests.e2e.browser import FLAGS, installed
from tests.e2e.panel_stage import Stage

ROOT = Path(__file__).resolve().parents[2]
NOT_RUNNING = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


class App:
    """A served dashboard, with an address and a home of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.home = home
        self.open = home / "open"  # the folder that its pages may read
        self.open.mkdir(exist_ok=True)
        self.address = f"http://127.0.0.1:{self._port}"
        self._serve()

    def url(self, page: str = "", **choices: str) -> str:
        """Link to a page with choices."""
        query = "&".join(f"{path}={value}" for path, value in choices.items())
        return f"{self.address}/{page}?{query}"

    def restart(self) -> None:
        """End the server and serve the same home at the same address again."""
        self.end()
        self._serve()

    def end(self) -> None:
        """End the server; runs go on."""
        self._server.terminate()
        self._server.wait(20)

    def _serve(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(self._port)]
        with (self.home / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "MMOE_HOME": str(self.home), ROOTS_VARIABLE: str(self.open)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(240):
            assert self._server.poll() is None, (self.home / "server.log").read_text()
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2) as answer:
                    if answer.read() == b"ok":
                        return
            except OSError:
                time.sleep(0.25)
        raise AssertionError(f"the app was not up after a minute: {(self.home / 'server.log').read_text()}")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    served = App(tmp_path_factory.mktemp("home"))
    yield served
    served.end()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = installed()
    if path is None:
        assert os.environ.get("CI") != "true", "CI needs a Chromium: set MMOE_CHROMIUM or install one"
        pytest.skip("no Chromium on this machine: set MMOE_CHROMIUM, or install one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def _leave_no_run(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails before it stops its run must not take the slot of the next one."""
    yield
    if "app" in request.fixturenames:
        store = Store(request.getfixturevalue("app").home / "runs")
        for row in store.live_rows():
            stop(row.run_id, store=store)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A wide light page; fails the test if the console says an error."""
    with_errors = new_page(browser)
    yield with_errors
    errors = getattr(with_errors, "console_errors", [])
    with_errors.context.close()
    assert errors == []


def new_page(browser: Browser, *, width: int = 1440, height: int = 1400, dark: bool = False) -> Page:
    """A fresh visitor."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale="en-US"
    )
    page = context.new_page()
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # Streamlit asks for two files that are not there on every deep link.
        if message.type == "error" and "404" not in message.text:
            errors.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.console_errors = errors
    page.set_default_timeout(30_000)
    return page


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """The live panel alone, on a wide light page; fails the test if a script does."""
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Stage(page)
    page.close()
    assert errors == []
