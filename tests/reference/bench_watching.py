"""`python -m tests.reference.bench_watching [--pairs N]`: how much a browser tab that watches slows training down.

The real app and a real Chromium on the same machine. The same run with the tab and without, in turn; the ratio of the
rows per second that the run itself says, median over the pairs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from mmoe_core.config import RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.data import prepare
from mmoe_core.records import StepRecord
from mmoe_core.runs import RunRow, Store, submit
from tests.e2e.browser import FLAGS, installed
from tests.e2e.conftest import App

_EPOCHS = 12  # some ten seconds
_FIRST_STEP = 200  # the page is open by then


def main() -> None:
    """Train, watched and not; print the median ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=5)
    pairs = parser.parse_args().pairs
    path = installed()
    assert path is not None, "no Chromium on this machine: set MMOE_CHROMIUM, or install one"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        prepare(SimulatedAliCcp(), home=home)
        app, store = App(home), Store(home / "runs")
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = chromium.new_page(viewport={"width": 1440, "height": 1000})
        found = []
        for pair in range(pairs):
            alone = _rate(store, page, app, seed=2 * pair, is_watched=False)
            watched = _rate(store, page, app, seed=2 * pair, is_watched=True)
            found.append((alone, watched))
            sys.stdout.write(f"{alone:,.0f} rows/s alone, {watched:,.0f} watched: {watched / alone:.3f}\n")
        ratios = [watched / alone for alone, watched in found]
        sys.stdout.write(f"median {median(ratios):.3f}, {pairs} pairs\n")
        chromium.close()
        app.end()
        store.close()


def _rate(store: Store, page: Page, app: App, seed: int, *, is_watched: bool) -> float:
    """Rows per second of a run from the moment on at which its page would be open."""
    page.goto("about:blank")
    time.sleep(5)  # the last run's successor has got warm
    config = RunConfig(train=TrainConfig(learning_rate=3e-3, epochs=_EPOCHS, seed=seed + is_watched))
    row = submit(config, store=store)
    if is_watched:
        page.goto(app.url("train", lang="en", run=row.run_id))
    while store.row(row.run_id).is_live:
        time.sleep(0.2)
    return _rows_per_second(store, row)


def _rows_per_second(store: Store, row: RunRow) -> float:
    steps = [record for record in store.records(row.run_id, ["step"]) if isinstance(record, StepRecord)]
    steps = [record for record in steps if record.step >= _FIRST_STEP]
    return sum(record.rows for record in steps[1:]) / (steps[-1].elapsed_s - steps[0].elapsed_s)


if __name__ == "__main__":
    main()
