"""`convert` in the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Terminal
from tests.data.raw.some_raw import write_raw


def test_the_raw_log_becomes_a_dataset(terminal: Terminal, tmp_path: Path) -> None:
    raw, out = str(write_raw(tmp_path / "log")), tmp_path / "out"
    answer = terminal("convert", raw, str(out), "--min-frequency", "2", "--history-tokens", "4", "--json")
    assert answer.code == 0
    assert answer.json["folder"] == str(out)
    assert sum(answer.json["rows"].values()) + sum(answer.json["dropped"].values()) == 900
    assert answer.json["verdict"].startswith("This is not the complete Ali-CCP")

    said = terminal("convert", raw, str(tmp_path / "single"), "--single-value", "--sample", "0.8")
    assert said.code == 0
    assert "A purchase without a click. Rows left out:" in said.out


def test_a_folder_without_the_files_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    answer = terminal("convert", str(tmp_path), str(tmp_path / "out"))
    assert answer.code == 2
    assert "has no sample_skeleton_train.csv" in answer.err
    assert list(tmp_path.iterdir()) == []
