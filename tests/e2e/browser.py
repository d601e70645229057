"""Which Chromium the browser tests drive; `python -m tests.e2e.browser` prints its path, and installs one if it must.

In order: `MMOE_CHROMIUM`, the system's, Playwright's own, a fresh one of Playwright's, Debian's package (as root).
Prints an empty line where none can be had; the browser tests then skip with that reason, and fail under CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def installed() -> str | None:
    """Path of a Chromium that is already here."""
    named = os.environ.get("MMOE_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None


def install() -> None:
    """Try Playwright's download, then Debian's package; what fails says so on standard error."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts += [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"],
        ]
    for attempt in attempts:
        subprocess.run(attempt, stdout=sys.stderr, check=False)
        if installed():
            return


def main() -> None:
    if not installed():
        install()
    path = installed()
    if path is None:
        print("No Chromium: set MMOE_CHROMIUM to one, or install your system's chromium.", file=sys.stderr)
    print(path or "")


if __name__ == "__main__":
    main()
