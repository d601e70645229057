"""A file in blocks of whole lines: plain or gzipped, with or without a byte order mark, any line ends."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import DatasetError

__all__ = ["Block", "RawFile"]

_BLOCK_BYTES = 3 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NO_TEXT = (b"PK", b"PAR1", b"7z\xbc\xaf", b"Rar!")  # how ZIP, Parquet, 7z and RAR start


@dataclass(frozen=True)
class Block:
    """Whole lines.

    Attributes:
        data: The bytes.
        first_line: Number of the first one in its file, from 1.
        is_last: Whether the file ends here.
        bytes_read: Of the file on disk, up to the block's end.
    """

    data: bytes
    first_line: int
    is_last: bool
    bytes_read: int


class RawFile:
    """Iterate once; `sha256` is of the file on disk, complete after the last block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.num_bytes = path.stat().st_size
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hexadecimal, of what has been read."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Block]:
        try:
            with self.path.open("rb") as disk:
                hashed = _Hashed(disk, self._hash)
                packed = io.BufferedReader(hashed, _BLOCK_BYTES)
                start = packed.peek(4)[:4]
                if start.startswith(_NO_TEXT):
                    raise DatasetError(
                        "{file} is an archive or a Parquet file, whatever its name says. Put the text file that was "
                        "downloaded there, plain or gzipped. Nothing was imported.",
                        file=self.path.name,
                    )
                is_gzip = start[:2] == b"\x1f\x8b"
                file = cast(BinaryIO, gzip.GzipFile(fileobj=packed)) if is_gzip else cast(BinaryIO, packed)
                yield from self._blocks(file, hashed)
        except (zlib.error, EOFError, OSError) as error:
            raise DatasetError(
                "{file} cannot be read to its end ({reason}). Copy or download it again. Nothing was imported.",
                file=self.path.name,
                reason=str(error).splitlines()[0][:120] or type(error).__name__,
            ) from None

    def _blocks(self, file: BinaryIO, hashed: _Hashed) -> Iterator[Block]:
        rest, line = b"", 1
        ahead = file.read(_BLOCK_BYTES).removeprefix(_BYTE_ORDER_MARK)
        while ahead:
            data, ahead = rest + ahead, file.read(_BLOCK_BYTES)
            end = len(data) if not ahead else data.rfind(b"\n") + 1
            data, rest = data[:end], data[end:]
            if len(rest) > _BLOCK_BYTES:
                raise DatasetError(
                    "{file}, line {line:,}: no line ends within {megabytes} MB. Is this a raw Ali-CCP file? "
                    "Nothing was imported.",
                    file=self.path.name,
                    line=line,
                    megabytes=_BLOCK_BYTES >> 20,
                )
            if data:
                yield Block(data, line, is_last=not ahead, bytes_read=hashed.num_bytes)
                line += data.count(b"\n")


class _Hashed(io.RawIOBase):
    """Reads a file and hashes what passes."""

    def __init__(self, file: BinaryIO, digest: hashlib._Hash) -> None:
        self._file = file
        self._digest = digest
        self.num_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        count = cast(io.RawIOBase, self._file).readinto(view) or 0
        self._digest.update(view[:count])
        self.num_bytes += count
        return count
