"""The real app on a free port with an empty home, and a real Chromium in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from mmoe_core.runs import Store, stop
from tests.e2e.browser import FLAGS, installed

ROOT = Path(__file__).resolve().parents[2]
NOT_RUNNING = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


@dataclass(frozen=True)
class App:
    """A served dashboard."""

    address: str
    home: Path
    server: subprocess.Popen[bytes]

    def url(self, page: str = "", **choices: str) -> str:
        """Link to a page with choices."""
        query = "&".join(f"{path}={value}" for path, value in choices.items())
        return f"{self.address}/{page}?{query}"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    home = tmp_path_factory.mktemp("home")
    log = (home / "server.log").open("wb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "MMOE_HOME": str(home)}, stdout=log, stderr=subprocess.STDOUT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, server, home / "server.log")
        yield App(address, home, server)
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"the app was not up after a minute: {log.read_text()}")


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
