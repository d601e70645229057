"""An import that is killed in the middle, by whomever: no dataset, no half of one, no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.config import PROJECT
from mmoe_core.data import known_datasets
from tests.runs.fakes import until

Log = Callable[[int], pd.DataFrame]
ROLES = ("--labels", "click,purchase", "--ids", "user,item", "--values", "price", "--key", "user")

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in Linux's /proc")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log) -> Path:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    few = log(4_000).to_csv(index=False)
    head, rows = few.split("\n", 1)
    (tmp_path / "few.csv").write_text(few)
    (tmp_path / "many.csv").write_text(f"{head}\n{rows * 150}")  # takes a second, so that there is a middle
    return tmp_path


def start(home: Path, file: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mmoe_core", "import", str(home / file), "mine", *ROLES]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def unfinished(home: Path) -> list[Path]:
    return [path for path in home.glob("datasets/.mine.*.part") if (path / "train.parquet").exists()]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def child_of(pid: int) -> int:
    """The process that reads the file."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text().rpartition(")")[2].split()[1]
        except OSError:  # it has just ended
            continue
        if int(parent) == pid:
            return int(path.parent.name)
    raise AssertionError("no child")


def test_when_the_reading_process_is_killed_the_rest_is_cleared_away_and_said(home: Path) -> None:
    terminal = start(home, "many.csv")
    until(lambda: bool(unfinished(home)))
    os.kill(child_of(terminal.pid), signal.SIGKILL)
    _, said = terminal.communicate(timeout=60)
    assert terminal.returncode == 2
    assert "Nothing was imported." in said
    assert list((home / "datasets").iterdir()) == []


def test_when_all_of_it_is_killed_the_next_import_clears_away_the_rest(home: Path) -> None:
    terminal = start(home, "many.csv")
    until(lambda: bool(unfinished(home)))
    reader = child_of(terminal.pid)
    terminal.kill()
    os.kill(reader, signal.SIGKILL)
    terminal.communicate()
    until(lambda: not is_alive(reader))
    assert "mine" not in {known.name for known in known_datasets()}
    assert [path.name for path in (home / "datasets").iterdir() if not path.name.endswith(".part")] == []
    _, said = start(home, "few.csv").communicate(timeout=60)
    assert said == ""
    assert [path.name for path in (home / "datasets").iterdir()] == ["mine"]
