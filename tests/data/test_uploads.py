"""Files that come in piece by piece: kept whole, or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mmoe_core.config import uploads_folder
from mmoe_core.data import Reception, discard_upload, upload_limit, uploaded_file, uploads
from mmoe_core.errors import ConfigError, DatasetError


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    monkeypatch.delenv(uploads.UPLOAD_VARIABLE, raising=False)


def there() -> list[Path]:
    return list(uploads_folder().glob("*"))


def test_what_was_kept_is_found_by_its_token_until_it_is_discarded() -> None:
    with Reception(6) as reception:
        reception.write(b"abc")
        reception.write(b"def")
        token = reception.keep()
    assert uploaded_file(token).read_bytes() == b"abcdef"
    assert [path.name for path in there()] == [token]
    discard_upload(token)
    discard_upload(token)
    assert there() == []
    with pytest.raises(DatasetError, match="not here any more"):
        uploaded_file(token)


def test_what_breaks_off_leaves_nothing() -> None:
    with Reception(None) as reception:
        reception.write(b"abc")
        assert len(there()) == 1
    assert there() == []


@pytest.mark.parametrize("token", ["", "..", "../runs", "a" * 31, "A" * 32, "a" * 32 + "\n", "0" * 32])
def test_only_a_token_of_ours_names_a_file(token: str) -> None:
    uploads_folder().mkdir(parents=True)
    kept = uploads_folder().parent / "runs"
    kept.write_text("x")
    with pytest.raises(DatasetError, match="not here any more"):
        uploaded_file(token)
    discard_upload(token)
    assert kept.exists()


def test_too_many_bytes_are_refused_announced_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(uploads.UPLOAD_VARIABLE, str(10 / 2**30))
    assert upload_limit() == 10
    with pytest.raises(DatasetError, match="larger than the"):
        Reception(11)
    with Reception(None) as reception:
        reception.write(b"0123456789")
        with pytest.raises(DatasetError, match="larger than the"):
            reception.write(b"0")
    assert there() == []


def test_the_disk_is_never_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_SPARED_BYTES", 2**62)
    assert upload_limit() == 0
    with pytest.raises(DatasetError, match="larger than the 0 GB"):
        Reception(1)


@pytest.mark.parametrize("text", ["much", "-1", "inf", "nan"])
def test_a_limit_that_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(uploads.UPLOAD_VARIABLE, text)
    with pytest.raises(ConfigError, match="must be a number of GB"):
        upload_limit()


def test_what_nobody_imported_for_a_day_is_swept_when_the_next_file_comes() -> None:
    uploads_folder().mkdir(parents=True)
    for name, hours in (("0" * 32, 25), ("1" * 32 + ".part", 25), ("2" * 32, 1)):
        (uploads_folder() / name).write_text("x")
        os.utime(uploads_folder() / name, (time.time() - hours * 3600,) * 2)
    with Reception(None) as reception:
        token = reception.keep()
    assert {path.name for path in there()} == {"2" * 32, token}
