"""What is wrong with a block, by file, line and column. Slow and thorough: only faulty blocks come here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

from ...errors import DatasetError
from .blocks import Block

__all__ = ["diagnose"]

_KEY = re.compile(rb"[0-9a-fA-F]{16}")
_WHOLE = re.compile(rb"[0-9]{1,9}")
_FIELD = re.compile(rb"[0-9]{1,6}(_[0-9]{1,3})?")
_LARGEST = 3.4e38  # of a float32
_NUMBER = re.compile(rb"[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|\.[0-9]+")
_COLUMNS = {
    6: ("sample_id", "click", "purchase", "common_feature_index", "feature_num", "feature_list"),
    3: ("common_feature_index", "feature_num", "feature_list"),
}


def diagnose(path: Path, block: Block, *, is_skeleton: bool, is_cut: bool = False) -> NoReturn:
    """Find the first fault of a block; `is_cut`: it is known that its last line is not complete.

    Raises:
        DatasetError: names file, line, column, what was found, and the remedy.
    """
    names = _COLUMNS[6 if is_skeleton else 3]
    lines = block.data.split(b"\n")
    for number, line in enumerate(lines, start=block.first_line):
        line = line.rstrip(b"\r")
        if not line:
            continue
        is_end = block.is_last and number == block.first_line + len(lines) - 1
        if is_end and is_cut:
            _refuse_cut(path, number)
        cells = line.split(b",")
        if len(cells) != len(names):
            _refuse_cells(path, number, len(cells), names, is_cut=is_end)
        for name, cell in zip(names, cells, strict=True):
            _check_cell(path, number, name, cell)
        _check_features(path, number, cells[-1], is_cut=is_end)
    raise DatasetError(
        "{file}, lines from {line:,}: they cannot be read as raw Ali-CCP text. Copy or download the file again. "
        "Nothing was imported.",
        file=path.name,
        line=block.first_line,
    )


def _refuse_cells(path: Path, number: int, found: int, names: tuple[str, ...], *, is_cut: bool) -> NoReturn:
    if is_cut:
        _refuse_cut(path, number)
    raise DatasetError(
        "{file}, line {line:,}: {found} cells separated by commas where {expected} are expected ({names}). "
        "Is this a raw Ali-CCP file, as it was downloaded? Nothing was imported.",
        file=path.name,
        line=number,
        found=found,
        expected=len(names),
        names=", ".join(names),
    )


def _refuse_cut(path: Path, number: int) -> NoReturn:
    raise DatasetError(
        "{file}, line {line:,}: the file ends in the middle of this line, so it is not complete. Copy or download it "
        "again. Nothing was imported.",
        file=path.name,
        line=number,
    )


def _check_cell(path: Path, number: int, name: str, cell: bytes) -> None:
    place: dict[str, str | int | float] = {"file": path.name, "line": number, "column": name, "found": _text(cell)}
    if name in ("click", "purchase") and cell not in (b"0", b"1"):
        raise DatasetError(
            "{file}, line {line:,}, column '{column}': the label '{found}' is not 0 or 1. Copy or download the file "
            "again. Nothing was imported.",
            **place,
        )
    if name == "common_feature_index" and not _KEY.fullmatch(cell):
        raise DatasetError(
            "{file}, line {line:,}, column '{column}': the key '{found}' is not 16 hexadecimal digits. Copy or "
            "download the file again. Nothing was imported.",
            **place,
        )
    if name == "feature_num" and not _WHOLE.fullmatch(cell):
        raise DatasetError(
            "{file}, line {line:,}, column '{column}': '{found}' is not a whole number. Copy or download the file "
            "again. Nothing was imported.",
            **place,
        )


def _check_features(path: Path, number: int, cell: bytes, *, is_cut: bool) -> None:
    for feature in cell.split(b"\x01") if cell else ():
        parts = feature.replace(b"\x03", b"\x02").split(b"\x02")
        is_feature = (
            len(parts) == 3
            and _FIELD.fullmatch(parts[0]) is not None
            and _WHOLE.fullmatch(parts[1]) is not None
            and _NUMBER.fullmatch(parts[2]) is not None
            and float(parts[2]) < _LARGEST
        )
        if is_feature:
            continue
        if is_cut:
            _refuse_cut(path, number)
        raise DatasetError(
            "{file}, line {line:,}, column 'feature_list': '{found}' is not field \\x02 id \\x03 value. "
            "Features are joined by the control character \\x01; was the file changed by an editor or exported with "
            "other separators? Nothing was imported.",
            file=path.name,
            line=number,
            found=_text(feature),
        )


def _text(cell: bytes) -> str:
    shown = cell[:40].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in shown) or "(empty)"
