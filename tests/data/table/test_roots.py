from __future__ import annotations

import os
from pathlib import Path

import pytest

from mmoe_core.data.table import ROOTS_VARIABLE, allowed_path
from mmoe_core.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One of two opened folders, with a log inside and a secret beside."""
    for name in ("open", "also", "open-not"):
        (tmp_path / name).mkdir()
    (tmp_path / "open" / "log.csv").write_text("a\n1\n")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "open-not" / "log.csv").write_text("a\n1\n")
    monkeypatch.setenv(ROOTS_VARIABLE, os.pathsep.join([str(tmp_path / "also"), str(tmp_path / "open")]))
    return tmp_path / "open"


def test_a_file_under_an_opened_folder_is_allowed(root: Path) -> None:
    assert allowed_path(f" {root}/../open/log.csv ") == (root / "log.csv").resolve()


def test_what_lies_elsewhere_is_refused_however_it_is_reached(root: Path) -> None:
    (root / "link.csv").symlink_to(root.parent / "secret.csv")
    tries = ("../secret.csv", "link.csv", "../open-not/log.csv", "\0", "~nobody-here/x", "../nowhere.csv")
    for text in tries:
        with pytest.raises(DatasetError, match="is not under a folder that is open to pages"):
            allowed_path(str(root / text) if text[0] not in "\0~" else text)
    with pytest.raises(DatasetError, match="is not under a folder"):
        allowed_path("/etc/passwd")


def test_a_folder_or_an_absent_file_inside_is_no_file(root: Path) -> None:
    for text in (str(root), str(root / "nowhere.csv")):
        with pytest.raises(DatasetError, match="There is no file"):
            allowed_path(text)


@pytest.mark.parametrize("value", [None, "", os.pathsep])
def test_nothing_is_open_unless_somebody_opens_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(ROOTS_VARIABLE)
    if value is not None:
        monkeypatch.setenv(ROOTS_VARIABLE, value)
    with pytest.raises(DatasetError, match="A page may not read files of this machine"):
        allowed_path(str(root / "log.csv"))
