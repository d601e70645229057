"""Files that came through a page: written to disk piece by piece, under a token of ours, and swept after a day."""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
import shutil
import time
from pathlib import Path
from types import TracebackType

from ..config import uploads_folder
from ..errors import ConfigError, DatasetError

__all__ = [
    "UPLOAD_VARIABLE",
    "Reception",
    "discard_upload",
    "is_uploaded",
    "sweep_uploads",
    "upload_limit",
    "uploaded_file",
]

UPLOAD_VARIABLE = "MMOE_MAX_UPLOAD_GB"
_DEFAULT_GB = "4"
_SPARED_BYTES = 1 << 30  # of the disk, for all else that is written there
_KEPT_SECONDS = 24 * 3600
_CHECKED_EVERY = 64 << 20  # bytes between two looks at the disk, which others fill as well
_TOKEN = re.compile(r"[0-9a-f]{32}")


def upload_limit() -> int:
    """How many bytes an upload may have now: what is configured, and never more than the disk can take.

    Raises:
        ConfigError: what is configured is no size.
    """
    text = os.environ.get(UPLOAD_VARIABLE) or _DEFAULT_GB
    try:
        gigabytes = float(text)
    except ValueError:
        gigabytes = math.nan
    if not 0 <= gigabytes < math.inf:
        raise ConfigError("{variable} is '{found}'; it must be a number of GB.", variable=UPLOAD_VARIABLE, found=text)
    place = uploads_folder()
    while not place.exists():
        place = place.parent
    return max(0, min(int(gigabytes * 2**30), shutil.disk_usage(place).free - _SPARED_BYTES))


class Reception:
    """One file while it comes in; what is not kept by the end of the context is removed.

    Args:
        num_bytes: How many are announced; None where nobody said.

    Raises:
        DatasetError: more are announced than may come.
    """

    def __init__(self, num_bytes: int | None) -> None:
        self._limit = upload_limit()
        if num_bytes is not None and num_bytes > self._limit:
            self._refuse()
        sweep_uploads()
        self._token = secrets.token_hex(16)
        self._part = uploads_folder() / f"{self._token}.part"
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("xb")
        self.num_bytes = 0

    def __enter__(self) -> Reception:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """The next bytes.

        Raises:
            DatasetError: they are too many, or the disk is full.
        """
        before = self.num_bytes
        self.num_bytes += len(data)
        if before // _CHECKED_EVERY != self.num_bytes // _CHECKED_EVERY:
            self._limit = min(self._limit, before + upload_limit())
        if self.num_bytes > self._limit:
            self._refuse()
        try:
            self._file.write(data)
        except OSError:
            raise DatasetError("The server could not write the file: its disk is full. Nothing was kept.") from None

    def keep(self) -> str:
        """The file is complete; its token."""
        self._file.close()
        self._part.rename(_place(self._token))
        return self._token

    def _refuse(self) -> None:
        raise DatasetError(
            "The file is larger than the {gigabytes} GB that may be uploaded now. Whoever starts the server can raise "
            "{variable} or open a folder to pages; the terminal imports files of any size.",
            gigabytes=f"{self._limit / 2**30:.3g}",
            variable=UPLOAD_VARIABLE,
        )


def uploaded_file(token: str) -> Path:
    """Where an uploaded file lies.

    Raises:
        DatasetError: there is none of this token, any more.
    """
    if not is_uploaded(token):
        raise DatasetError("The uploaded file is not here any more. Upload it again.")
    return _place(token)


def is_uploaded(token: str) -> bool:
    """Whether a file of this token is there."""
    return bool(_TOKEN.fullmatch(token)) and _place(token).is_file()


def discard_upload(token: str) -> None:
    """Remove an uploaded file, if it is there."""
    if _TOKEN.fullmatch(token):
        _place(token).unlink(missing_ok=True)


def sweep_uploads() -> None:
    """Remove what has lain about for a day: files nobody imported, and parts of a server that was killed."""
    eldest = time.time() - _KEPT_SECONDS
    for path in uploads_folder().glob("*"):
        with contextlib.suppress(OSError):  # swept by another process at this moment
            if path.lstat().st_mtime < eldest:
                path.unlink() if path.is_file() or path.is_symlink() else shutil.rmtree(path)


def _place(token: str) -> Path:
    return uploads_folder() / token
