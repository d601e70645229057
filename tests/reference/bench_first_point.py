"""`python -m tests.reference.bench_first_point [--clicks N]`: from a click on Start training to its first drawn point.

The real app, the classroom's 200,000 rows already made, a real Chromium on the same machine. Warm: a trainer waits, as
it does after a server's start and after each run. Cold: none does, so that a process starts, imports and compiles.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import prepare
from mmoe_core.runs import Store, stop
from tests.e2e.browser import FLAGS, installed
from tests.e2e.conftest import NOT_RUNNING, App

_FIRST_POINT = '.live[data-mode="live"][data-last-step]:not([data-last-step="0"])'
_WAITING = "mmoe_core parked"
_SETTLE_S = 6.0  # longer than a trainer takes to get warm


def main() -> None:
    """Click, wait, stop; print the median and the 95th percentile."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clicks", type=int, default=20)
    clicks = parser.parse_args().clicks
    path = installed()
    assert path is not None, "no Chromium on this machine: set MMOE_CHROMIUM, or install one"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        prepare(SimulatedAliCcp(), home=home)
        app = App(home)
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = chromium.new_page()
        for name, settle_s in (("warm", _SETTLE_S), ("cold", 0.0)):
            seconds = [_first_point(page, app, seed, settle_s) for seed in range(clicks)]
            high = quantiles(seconds, n=20)[-1]
            sys.stdout.write(f"{name}: median {median(seconds):.2f} s, 95th percentile {high:.2f} s, {clicks} clicks\n")
        chromium.close()
        app.end()


def _first_point(page: Page, app: App, seed: int, settle_s: float) -> float:
    page.goto(app.url("train", lang="en", **{"train.seed": str(seed if settle_s else 1000 + seed)}))
    page.wait_for_selector(NOT_RUNNING)
    if settle_s:
        time.sleep(settle_s)
    else:
        _send_away(app.home)
    began = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_selector(_FIRST_POINT)
    seconds = time.perf_counter() - began
    store = Store(app.home / "runs")
    for row in store.live_rows():
        stop(row.run_id, store=store)
    store.close()
    return seconds


def _send_away(home: Path) -> None:
    """End whoever waits at this home's server."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_waiting = _WAITING in (folder / "cmdline").read_text().replace("\0", " ")
            if is_waiting and f"MMOE_HOME={home}\0" in (folder / "environ").read_text():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


if __name__ == "__main__":
    main()
