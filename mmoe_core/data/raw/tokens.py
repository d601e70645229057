"""A block of raw lines becomes columns of numbers, without a Python step per line or per token.

Arrow's CSV reader is the tokeniser, twice: first lines are split at commas; then all feature lists are joined, their
separators are translated so that every feature is a line of three numbers, and these lines are read as a table.

Shape suffixes in this file:
    R lines   T tokens   I id columns   V value columns
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from .blocks import Block
from .layout import NO_FIELD, Side

__all__ = ["Lines", "Matrix", "Unclean", "arrange", "read_lines"]

_SKELETON_TYPES = {
    "sample_id": pa.binary(),
    "click": pa.int8(),
    "purchase": pa.int8(),
    "key": pa.binary(),
    "feature_num": pa.int32(),
    "features": pa.binary(),
}
_COMMON_TYPES = {name: _SKELETON_TYPES[name] for name in ("key", "feature_num", "features")}
_FEATURE_TYPES = {"field": pa.int32(), "id": pa.int32(), "value": pa.float32()}
_KEY_BYTES = 16
_ODD_UNDERSCORE = re.compile(rb"_[^\x02]*(?:[\x01\x03]|$)")  # in an id or a value, not in a field's name
_AS_LINES = bytes.maketrans(b"\x01\x03", b"\n\x02")
_POSITION_BITS, _VALUE_BITS = 12, 31  # of a sort key; what is left is for line and field
_GROUPS = 1 << (64 - _POSITION_BITS - _VALUE_BITS)
_hex_digits = np.full(256, 255, np.uint8)
for _text in ("0123456789abcdef", "0123456789ABCDEF"):
    _hex_digits[np.frombuffer(_text.encode(), np.uint8)] = np.arange(16)


class Unclean(Exception):
    """Something in a block is not as it should be; `faults.diagnose` finds out what."""


@dataclass(frozen=True)
class Lines:
    """The heads of a block's lines.

    Attributes:
        keys_R: The session key, 16 hexadecimal digits as a number.
        click_R: 0 or 1; None in a common file.
        purchase_R: As clicks.
        feature_num_R: How many features the line says it has.
        features: The feature lists, still text.
    """

    keys_R: np.ndarray
    click_R: np.ndarray | None
    purchase_R: np.ndarray | None
    feature_num_R: np.ndarray
    features: pa.BinaryArray

    def __len__(self) -> int:
        return len(self.keys_R)


@dataclass(frozen=True)
class Matrix:
    """Lines as rows of numbers, in the columns of a `Side`.

    Attributes:
        ids_RI: Raw ids, int32; -1 where there is no token.
        values_RV: Values, float32; 0 where there is no token.
        is_present_RF: Whether a line has any token of a field.
        num_tokens_R: Features found in a line.
        num_unknown: Features of fields that Ali-CCP does not have.
    """

    ids_RI: np.ndarray
    values_RV: np.ndarray
    is_present_RF: np.ndarray
    num_tokens_R: np.ndarray
    num_unknown: int


def read_lines(block: Block, *, is_skeleton: bool) -> Lines:
    """Split a block's lines at their commas.

    Raises:
        Unclean: a line has another number of cells, a label is not 0 or 1, or a key is not 16 hexadecimal digits.
    """
    table = _table(block.data, _SKELETON_TYPES if is_skeleton else _COMMON_TYPES, ",")
    click_R = purchase_R = None
    if is_skeleton:
        click_R, purchase_R = table["click"].to_numpy(), table["purchase"].to_numpy()
        if ((click_R | purchase_R) & ~1).any():
            raise Unclean
    features = table["features"].combine_chunks()
    return Lines(_keys(table["key"].combine_chunks()), click_R, purchase_R, table["feature_num"].to_numpy(), features)


def arrange(features: pa.BinaryArray, side: Side) -> Matrix:
    """Put every feature into its column; of more tokens than a field keeps, those with the highest values.

    Ties go to what comes first in the line.

    Raises:
        Unclean: a feature is not three numbers.
    """
    num_lines, num_fields = len(features), len(side.fields)
    joined = _joined(features)
    num_tokens_R = _token_counts(features, joined)
    table = _features(joined)
    if table.num_rows != num_tokens_R.sum():
        raise Unclean
    codes_T, ids_T, values_T = (table[name].to_numpy() for name in _FEATURE_TYPES)
    if len(ids_T) and (codes_T.min() < 0 or ids_T.min() < 0 or not np.isfinite(values_T).all()):
        raise Unclean
    fields_T = side.field_of_code.take(codes_T, mode="clip")
    starts_R = np.cumsum(num_tokens_R) - num_tokens_R
    lines_T = np.repeat(np.arange(num_lines, dtype=np.int64), num_tokens_R)
    positions_T = np.arange(len(ids_T)) - np.repeat(starts_R, num_tokens_R)
    groups_T = lines_T * num_fields + fields_T
    is_known_T = fields_T != NO_FIELD
    num_unknown = len(ids_T) - int(np.count_nonzero(is_known_T))
    if num_unknown:
        groups_T, values_T, ids_T, positions_T = (
            array[is_known_T] for array in (groups_T, values_T, ids_T, positions_T)
        )
    groups_T, values_T, ids_T = _sorted(groups_T, values_T, ids_T, positions_T, num_lines * num_fields)

    sizes = np.bincount(groups_T, minlength=num_lines * num_fields)
    ranks_T = np.arange(len(groups_T)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    lines_T, fields_T = np.divmod(groups_T, num_fields)
    is_kept_T = ranks_T < np.array(side.num_tokens)[fields_T]
    lines_T, fields_T, ranks_T, ids_T, values_T = (
        array[is_kept_T] for array in (lines_T, fields_T, ranks_T, ids_T, values_T)
    )
    ids_RI = np.full((num_lines, side.id_starts[-1]), -1, np.int32)
    ids_RI.ravel()[lines_T * ids_RI.shape[1] + side.id_starts[fields_T] + ranks_T] = ids_T
    values_RV = np.zeros((num_lines, side.value_starts[-1]), np.float32)
    has_value_T = np.diff(side.value_starts)[fields_T] > 0
    places_T = lines_T * values_RV.shape[1] + side.value_starts[fields_T] + ranks_T
    values_RV.ravel()[places_T[has_value_T]] = values_T[has_value_T]
    return Matrix(ids_RI, values_RV, sizes.reshape(num_lines, num_fields) > 0, num_tokens_R, num_unknown)


def _sorted(
    groups_T: np.ndarray, values_T: np.ndarray, ids_T: np.ndarray, positions_T: np.ndarray, num_groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens by line and field, then by value, highest first, then as they come in the line."""
    values_T = np.maximum(values_T, np.float32(0))  # of a float that is not negative the bits sort as the number does
    falling_T = np.int64(2**31 - 1) - values_T.view(np.int32)
    if num_groups <= _GROUPS and positions_T.max(initial=0) < 1 << _POSITION_BITS:
        # One number holds the whole order, and sorting numbers is several times faster than sorting their places.
        key_T = (groups_T.astype(np.uint64) << np.uint64(_VALUE_BITS)) | falling_T.astype(np.uint64)
        key_T = (key_T << np.uint64(_POSITION_BITS)) | positions_T.astype(np.uint64)
        order_T = np.argsort(key_T)
    else:
        order_T = np.lexsort((positions_T, falling_T, groups_T))
    return groups_T[order_T], values_T[order_T], ids_T[order_T]


def _joined(features: pa.BinaryArray) -> bytes:
    """All feature lists, with a separator between them too."""
    if len(features) == 0:
        return b""
    whole = pa.ListArray.from_arrays(pa.array([0, len(features)], pa.int32()), features)
    return cast(bytes, pc.binary_join(whole, b"\x01")[0].as_buffer().to_pybytes())


def _token_counts(features: pa.BinaryArray, joined: bytes) -> np.ndarray:
    """How many features each list has: the separators between its ends, and one."""
    separators = np.flatnonzero(np.frombuffer(joined, np.uint8) == 1)
    lengths_R = np.asarray(pc.binary_length(features).to_numpy(), dtype=np.int64)
    ends_R = np.cumsum(lengths_R + 1) - 1
    counts_R = np.searchsorted(separators, ends_R) - np.searchsorted(separators, ends_R - lengths_R) + 1
    return np.where(lengths_R == 0, 0, counts_R)


def _features(joined: bytes) -> pa.Table:
    if joined.count(b"_") != joined.count(b"_14\x02") and _ODD_UNDERSCORE.search(joined):
        raise Unclean
    lines = joined.translate(_AS_LINES, b"_")
    if not lines.strip(b"\n"):
        return pa.table({name: pa.array([], kind) for name, kind in _FEATURE_TYPES.items()})
    return _table(lines, _FEATURE_TYPES, "\x02")


def _table(data: bytes, types: dict[str, pa.DataType], delimiter: str) -> pa.Table:
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=list(types), use_threads=False, block_size=max(len(data), 1)
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, quote_char=False),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=types,
                null_values=[],
                strings_can_be_null=False,
                include_columns=[name for name in types if name != "sample_id"],
            ),
        )
    except pa.ArrowInvalid:
        raise Unclean from None


def _keys(column: pa.BinaryArray) -> np.ndarray:
    if not (pc.binary_length(column).to_numpy() == _KEY_BYTES).all():
        raise Unclean
    start = column.offset * _KEY_BYTES
    text = np.frombuffer(column.buffers()[2], np.uint8)[start : start + len(column) * _KEY_BYTES]
    digits = _hex_digits[text].reshape(-1, _KEY_BYTES)
    if (digits == 255).any():
        raise Unclean
    pairs = (digits[:, ::2] << 4) | digits[:, 1::2]
    return np.ascontiguousarray(pairs).view(">u8").ravel().astype(np.uint64)
