from __future__ import annotations

import os
from pathlib import Path

import pytest

from mmoe_core.data.table import ROOTS_VARIABLE, allowed_file, allowed_folder, allowed_path
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
    assert allowed_file(f" {root}/../open/log.csv ") == (root / "log.csv").resolve()
    assert allowed_path(str(root / "log.csv")) == (root / "log.csv").resolve()


def test_a_folder_is_allowed_unless_a_link_in_it_leads_elsewhere(root: Path) -> None:
    assert allowed_folder(f"{root}/") == allowed_path(str(root)) == root.resolve()
    (root / "kept.csv").symlink_to(root / "log.csv")
    assert allowed_folder(str(root)) == root.resolve()
    (root / "link.csv").symlink_to(root.parent / "secret.csv")
    for allowed in (allowed_folder, allowed_path):
        with pytest.raises(DatasetError, match=r"'link\.csv' in .* is a link to a place that is not open"):
            allowed(str(root))
    with pytest.raises(DatasetError, match="is not under a folder"):
        allowed_folder(str(root.parent))


def test_what_lies_elsewhere_is_refused_however_it_is_reached(root: Path) -> None:
    (root / "link.csv").symlink_to(root.parent / "secret.csv")
    tries = ("../secret.csv", "link.csv", "../open-not/log.csv", "\0", "~nobody-here/x", "../nowhere.csv")
    for text in tries:
        with pytest.raises(DatasetError, match="is not under a folder that is open to pages"):
            allowed_file(str(root / text) if text[0] not in "\0~" else text)
    with pytest.raises(DatasetError, match="is not under a folder"):
        allowed_file("/etc/passwd")


def test_a_folder_or_an_absent_file_inside_is_no_file(root: Path) -> None:
    for text in (str(root), str(root / "nowhere.csv")):
        with pytest.raises(DatasetError, match="There is no file"):
            allowed_file(text)
    with pytest.raises(DatasetError, match="There is no folder"):
        allowed_folder(str(root / "log.csv"))


@pytest.mark.parametrize("value", [None, "", os.pathsep])
def test_nothing_is_open_unless_somebody_opens_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(ROOTS_VARIABLE)
    if value is not None:
        monkeypatch.setenv(ROOTS_VARIABLE, value)
    with pytest.raises(DatasetError, match="A page may not read files of this machine"):
        allowed_file(str(root / "log.csv"))
