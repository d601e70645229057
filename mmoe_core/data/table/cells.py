"""Cells of one column become texts, numbers, labels or times; a cell that cannot is marked, never guessed.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Numbers", "shown_cell", "to_labels", "to_numbers", "to_texts", "to_times"]

_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_YES, _NO = ("true", "yes"), ("false", "no")


@dataclass(frozen=True)
class Numbers:
    """A column as numbers.

    Attributes:
        values_N: float64, finite; 0 where missing or bad.
        is_missing_N: The cell is empty.
        is_bad_N: The cell is something else.
    """

    values_N: np.ndarray
    is_missing_N: np.ndarray
    is_bad_N: np.ndarray


def to_texts(column: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Texts, null where empty, and which cells are no UTF-8 text (null too)."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    is_bad_N = np.zeros(len(column), np.bool_)
    if _is_bytes(column.type):
        try:
            column = column.cast(pa.string())
        except pa.ArrowInvalid:
            decoded = [_decoded(cell) for cell in column.to_pylist()]
            column = pa.array([text if isinstance(text, str) else None for text in decoded], pa.string())
            is_bad_N = np.array([text is False for text in decoded], np.bool_)
    elif not pa.types.is_string(column.type):
        column = pc.cast(column, pa.string())
    is_empty = pc.equal(column, "")
    if pc.any(is_empty).as_py():
        column = pc.if_else(is_empty, None, column)
    return column, is_bad_N


def to_numbers(column: pa.Array) -> Numbers:
    """Finite numbers."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)):
        texts, is_bad_N = to_texts(column)
        try:
            column = pc.cast(texts, pa.float64())
        except pa.ArrowInvalid:
            texts = pc.utf8_trim_whitespace(texts)
            is_number = pc.fill_null(pc.match_substring_regex(texts, _NUMBER), False)
            is_bad_N |= texts.is_valid().to_numpy(zero_copy_only=False) & ~_mask(is_number)
            column = pc.cast(pc.if_else(is_number, texts, None), pa.float64())
    else:
        is_bad_N = np.zeros(len(column), np.bool_)
        column = pc.cast(column, pa.float64(), safe=False)
    is_null_N = _mask(column.is_null())
    values_N = np.array(column.fill_null(0.0).to_numpy(zero_copy_only=False), np.float64)
    is_odd_N = ~np.isfinite(values_N)
    is_bad_N = is_bad_N | is_odd_N
    values_N[is_odd_N] = 0.0
    return Numbers(values_N, is_null_N & ~is_bad_N, is_bad_N)


def to_labels(column: pa.Array) -> Numbers:
    """0 or 1, also written as 1.0, true, false, yes or no."""
    found = to_numbers(column)
    if found.is_bad_N.any():
        texts = pc.utf8_lower(to_texts(column)[0])
        is_yes_N = _mask(pc.fill_null(pc.is_in(texts, pa.array(_YES)), False))
        is_no_N = _mask(pc.fill_null(pc.is_in(texts, pa.array(_NO)), False))
        found = Numbers(
            np.where(is_yes_N, 1.0, found.values_N), found.is_missing_N, found.is_bad_N & ~is_yes_N & ~is_no_N
        )
    is_other_N = (found.values_N != 0) & (found.values_N != 1)
    return Numbers(np.where(is_other_N, 0.0, found.values_N), found.is_missing_N, found.is_bad_N | is_other_N)


def to_times(column: pa.Array) -> Numbers:
    """Moments as numbers that grow with time: numbers as they are, ISO 8601 dates as microseconds."""
    if pa.types.is_temporal(column.type):
        if not pa.types.is_time(column.type):
            column = pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
        return to_numbers(column.cast(pa.int64()))
    found = to_numbers(column)
    if not found.is_bad_N.any():
        return found
    texts, _ = to_texts(column)
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return to_numbers(pc.cast(texts, kind).cast(pa.int64()))
        except pa.ArrowInvalid:
            continue
    return found


def shown_cell(column: pa.Array, row: int) -> str:
    """A cell for a sentence: short, printable, and "(empty)" when it is."""
    cell = column[row].as_py()
    text = cell.decode("utf-8", "backslashreplace") if isinstance(cell, bytes) else str(cell)
    text = "".join(letter if letter.isprintable() else "�" for letter in text[:40])
    return "(empty)" if cell is None or not text else text


def _decoded(cell: bytes | None) -> str | bool | None:
    try:
        return None if cell is None else cell.decode()
    except UnicodeDecodeError:
        return False


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _mask(column: pa.Array) -> np.ndarray:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.bool_)
