"""A simulated log as the four raw files of Ali-CCP: the same names, separators and kinds of numbers.

All text is put together by Arrow, many rows at a time; no row is touched by Python.

Shape suffixes in this file:
    R rows   G groups of tokens
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..manifest import SplitName
from .tokens import LogTable, Tokens

__all__ = ["write_raw_files"]

_PARTS: tuple[tuple[str, tuple[SplitName, ...]], ...] = (("train", ("train", "validation")), ("test", ("test",)))
_ROWS_AT_ONCE = 50_000
_SESSIONS_AT_ONCE = 5_000  # some 60 MB of text
_BETWEEN_FEATURES, _BEFORE_ID, _BEFORE_VALUE = "\x01", "\x02", "\x03"


def write_raw_files(table: LogTable, folder: Path) -> None:
    """Write the four files into a folder. Train's hold train and validation, which the converter splits again."""
    text_of_user = _sessions_text(table)
    keys = pa.array([f"{key:016x}" for key in table.key_S.tolist()])
    for part, splits in _PARTS:
        sessions = slice(table.sessions[splits[0]].start, table.sessions[splits[-1]].stop)
        rows = slice(table.rows[splits[0]].start, table.rows[splits[-1]].stop)
        with (folder / f"common_features_{part}.csv").open("wb") as file:
            for piece in _pieces(sessions, _SESSIONS_AT_ONCE):
                users = pa.array(_users(table)[piece])
                count_S = np.sum([tokens.part(piece).counts() for tokens in table.of_sessions.values()], axis=0)
                _write(file, keys[piece.start : piece.stop], _text(count_S), text_of_user.take(users))
        with (folder / f"sample_skeleton_{part}.csv").open("wb") as file:
            for piece in _pieces(rows, _ROWS_AT_ONCE):
                parts = {name: tokens.part(piece) for name, tokens in table.of_rows.items()}
                _write(
                    file,
                    _text(np.arange(piece.start, piece.stop) + 1),
                    _text(table.click_N[piece].astype(np.int8)),
                    _text(table.purchase_N[piece].astype(np.int8)),
                    keys.take(pa.array(table.session_N[piece])),
                    _text(np.sum([tokens.counts() for tokens in parts.values()], axis=0)),
                    _features(parts),
                )


def _users(table: LogTable) -> np.ndarray:
    users = next(iter(table.of_sessions.values())).group_R
    assert users is not None  # a session's fields are its user's
    return users


def _sessions_text(table: LogTable) -> pa.Array:
    """The feature list of each user, which all his sessions share."""
    return _features({name: Tokens(of.start_G, of.id_M, of.value_M) for name, of in table.of_sessions.items()})


def _features(fields: dict[str, Tokens]) -> pa.Array:
    """The feature list of each row."""
    joined = [_feature_text(name, tokens) for name, tokens in fields.items()]
    return pc.binary_join_element_wise(*joined, _BETWEEN_FEATURES, null_handling="skip")


def _feature_text(name: str, tokens: Tokens) -> pa.Array:
    """The features of one field in each row, null where it has none."""
    ends = (
        [pa.scalar(f"{_BEFORE_VALUE}1.0")]
        if tokens.value_M is None
        else [pa.scalar(_BEFORE_VALUE), _text(tokens.value_M)]
    )
    features = pc.binary_join_element_wise(pa.scalar(name + _BEFORE_ID), _text(tokens.id_M), *ends, "")
    count_G = np.diff(tokens.start_G)
    lists = pa.ListArray.from_arrays(pa.array(tokens.start_G.astype(np.int32)), features, mask=pa.array(count_G == 0))
    return pc.binary_join(lists, _BETWEEN_FEATURES)


def _text(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _pieces(rows: slice, size: int) -> list[slice]:
    return [slice(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size)]


def _write(file: BinaryIO, *columns: pa.Array) -> None:
    """One line per row; the lines of an Arrow array lie side by side in memory already."""
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*columns, ","), pa.scalar("\n"), "")
    ends = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    file.write(memoryview(lines.buffers()[2])[int(ends[0]) : int(ends[-1])])
