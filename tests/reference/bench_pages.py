"""`python -m tests.reference.bench_pages [--switches N] [--home FOLDER]`: how quickly pages come for a large run.

The run: the simulated feed's eight tasks, sixteen experts, 10,000 steps. The real app and a real Chromium on the same
machine. A visit: from opening a page's address to its first figure, or to its end where it has none. A switch: from a
click in the navigation to the other page's title.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from mmoe_core.runs import Store
from pages.frame import PAGES, PageEntry
from tests.e2e.browser import FLAGS, installed
from tests.e2e.conftest import NOT_RUNNING, ROOT, App

_CHOICES = {
    "data.source": "feed",
    "model.num_experts": "16",
    "train.max_steps": "10000",
    "train.batch_size": "256",
    "train.epochs": "50",
}
_FIGURE = ".js-plotly-plot .main-svg, .live svg"
_LINK = "[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink]"
_IS_OTHER_TITLE = "before => ![before, undefined].includes(document.querySelector('h1')?.innerText)"
_OTHER = {"bring", "data", "home", "studies", "train"}  # pages that are not about a run of one's own


def main() -> None:
    """Train, visit every page, go back and forth between them; print medians and 95th percentiles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--switches", type=int, default=40)
    parser.add_argument("--home", type=Path, help="where such a run is already, or shall be")
    asked = parser.parse_args()
    path = installed()
    assert path is not None, "no Chromium on this machine: set MMOE_CHROMIUM, or install one"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = asked.home or Path(folder)
        home.mkdir(exist_ok=True)
        run_id = _run(home)
        app = App(home)
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            _measure(chromium.new_page(viewport={"width": 1440, "height": 900}), app, run_id, asked.switches)
            chromium.close()
        finally:
            app.end()


def _measure(page: Page, app: App, run_id: str, num_switches: int) -> None:
    for entry in PAGES:
        _open(page, app, entry, run_id)  # what a server reads once, and a lens keeps, is then there
        page.wait_for_selector(NOT_RUNNING)
        shown, awaited = ("figure", _FIGURE) if page.locator(_FIGURE).count() else ("end", NOT_RUNNING)
        seconds = []
        for _ in range(3):
            began = time.perf_counter()
            _open(page, app, entry, run_id)
            page.wait_for_selector(awaited, state="attached")
            seconds.append(time.perf_counter() - began)
            page.wait_for_selector(NOT_RUNNING)
        _say(f"{entry.script}: {shown} after {median(seconds):.2f} s, longest {max(seconds):.2f} s")
    switches = [_switch(page, PAGES[number % len(PAGES)]) for number in range(num_switches)]
    high = quantiles(switches, n=20)[-1]
    _say(f"switch: median {median(switches):.3f} s, 95th percentile {high:.3f} s, {len(switches)} switches")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _run(home: Path) -> str:
    store = Store(home / "runs")
    if not store.rows():
        flags = [part for choice in _CHOICES.items() for part in ("--set", "=".join(choice))]
        subprocess.run(
            [sys.executable, "-m", "mmoe_core", "train", *flags],
            cwd=ROOT,
            env={**os.environ, "MMOE_HOME": str(home)},
            check=True,
        )
    (row, *_) = store.rows()
    store.close()
    return row.run_id


def _open(page: Page, app: App, entry: PageEntry, run_id: str) -> None:
    page.goto(app.url(entry.script, lang="en", **({} if entry.script in _OTHER else {"run": run_id})))
    page.wait_for_selector("h1")


def _switch(page: Page, entry: PageEntry) -> float:
    page.wait_for_selector(NOT_RUNNING)
    if entry.section:
        page.get_by_test_id("stTopNavSection").filter(has_text=entry.section).click()
    link = page.locator(_LINK).get_by_text(entry.title, exact=True)
    link.wait_for()
    before = page.locator("h1").first.inner_text()
    began = time.perf_counter()
    link.click()
    page.wait_for_function(
        "before => ![before, undefined].includes(document.querySelector('h1')?.innerText)", arg=before
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
