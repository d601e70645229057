"""A conversion that is ended, killed, started twice: what is complete is not done again, and no byte differs."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from mmoe_core.config import PROJECT
from mmoe_core.data import Dataset
from mmoe_core.data.manifest import Manifest
from mmoe_core.data.raw import Cancelled, Silent, convert_raw, encoding, spill
from mmoe_core.errors import DatasetError
from tests.data.raw.some_raw import OPTIONS


def assert_same_bytes(one: Path, other: Path) -> None:
    """Every file equal, byte for byte; the manifests up to when they were made."""
    files = {path.name for path in one.iterdir()}
    assert files == {path.name for path in other.iterdir()} >= {"train.parquet", "schema.json", "manifest.json"}
    for name in files - {"manifest.json"}:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    ours, theirs = (Manifest.model_validate_json((folder / "manifest.json").read_text()) for folder in (one, other))
    assert ours == theirs.model_copy(update={"created": ours.created})


class Stopping(Silent):
    """Asks to end after some blocks, and notes which stages it saw."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.stages: list[str] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        assert 0 < done <= total
        if stage not in self.stages:
            self.stages.append(stage)

    def is_cancelled(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_what_was_ended_early_goes_on_after_its_last_complete_stage(
    raw: Path, converted: Dataset, tmp_path: Path
) -> None:
    stages = []
    for blocks_allowed in (2, 1, 1):
        watcher = Stopping(blocks_allowed)
        with pytest.raises(Cancelled):
            convert_raw(raw, tmp_path / "out", OPTIONS, watcher=watcher)
        stages.append(watcher.stages)
        assert not (tmp_path / "out").exists()
    last = Stopping(99)
    convert_raw(raw, tmp_path / "out", OPTIONS, watcher=last)
    assert_same_bytes(tmp_path / "out", converted.folder)
    for before, after in pairwise([*stages, last.stages]):
        assert after[0] == before[-1]  # the stage that was not complete; those before it are not done again
    assert len(last.stages) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_options_or_other_files_start_anew(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        convert_raw(raw, tmp_path / "out", OPTIONS, watcher=Stopping(2))
    copy = tmp_path / "copy"
    shutil.copytree(raw, copy)
    watcher = Stopping(99)
    convert_raw(copy, tmp_path / "out", OPTIONS.model_copy(update={"min_frequency": 2}), watcher=watcher)
    assert len(watcher.stages) == 5


_KILLED = """
import os, signal, sys
from pathlib import Path
from mmoe_core.data.raw import RawOptions, Silent, blocks, convert_raw
blocks._BLOCK_BYTES = 9_000  # so that there is a middle to be killed in
class Killer(Silent):
    seen = set()
    def progress(self, stage, done, total):
        self.seen.add(stage)
        if len(self.seen) == int(sys.argv[3]) and (done > total / 2):
            os.kill(os.getpid(), signal.SIGKILL)
convert_raw(Path(sys.argv[1]), Path(sys.argv[2]), RawOptions.model_validate_json(sys.argv[4]), watcher=Killer())
"""


@pytest.mark.parametrize("stage", [1, 4, 5], ids=["train's impressions", "test's sessions", "writing"])
def test_a_killed_conversion_leaves_no_dataset_and_goes_on_to_the_same_bytes(
    raw: Path, converted: Dataset, tmp_path: Path, stage: int
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", _KILLED, raw, out, str(stage), OPTIONS.model_dump_json()]
    killed = subprocess.run(command, check=False, cwd=PROJECT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".out.work"]
    watcher = Stopping(99)
    convert_raw(raw, out, OPTIONS, watcher=watcher)
    assert len(watcher.stages) == 6 - stage  # of five
    assert_same_bytes(out, converted.folder)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_number_of_threads_changes_no_byte(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_ROWS_AT_ONCE", 37)
    for num_threads in (1, 3):
        convert_raw(raw, tmp_path / str(num_threads), OPTIONS.model_copy(update={"num_threads": num_threads}))
    assert_same_bytes(tmp_path / "1", tmp_path / "3")


def test_a_full_disk_is_said_and_leaves_nothing(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spill.SpillWriter, "append", full)
    with pytest.raises(DatasetError, match="'out' could not be written: No space left on device") as refused:
        convert_raw(raw, tmp_path / "out", OPTIONS)
    assert "Nothing was imported." in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_second_conversion_into_the_same_folder_is_refused_and_harms_nothing(
    raw: Path, converted: Dataset, tmp_path: Path
) -> None:
    said: list[str] = []

    class Impatient(Silent):
        def progress(self, stage: str, done: int, total: int) -> None:
            if not said:
                with pytest.raises(DatasetError) as refused:
                    convert_raw(raw, tmp_path / "out", OPTIONS)
                said.append(str(refused.value))

    convert_raw(raw, tmp_path / "out", OPTIONS, watcher=Impatient())
    assert said[0].startswith("Another conversion into 'out' is going on.")
    assert_same_bytes(tmp_path / "out", converted.folder)
