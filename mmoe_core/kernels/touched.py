"""Which rows of the table a batch touches, each once.

Shape suffixes in this file:
    B batch   K ids of a row   N = B K   U different ids
"""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["group_ids"]

_DIGIT_BITS = 11  # of a radix sort: its counts stay in the first-level cache
_NUM_DIGITS = 1 << _DIGIT_BITS


@kernel
def group_ids(ids_BK: np.ndarray, weights_BK: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ids of a batch, ascending, and where among them each one is.

    Args:
        ids_BK: At least 0, int32.
        weights_BK: 0 where a place is padding, which touches nothing; of shape (0, 0) where there is none.

    Returns:
        (U,) ids and (B, K) places among them, −1 on padding; both int32.
    """
    num_rows, num_ids = ids_BK.shape
    has_padding = weights_BK.size > 0
    keys = np.empty(num_rows * num_ids, np.int32)
    source = np.empty(num_rows * num_ids, np.int32)
    count, largest = 0, 0
    for row in range(num_rows):
        for place in range(num_ids):
            if not has_padding or weights_BK[row, place] > 0:
                keys[count] = ids_BK[row, place]
                source[count] = row * num_ids + place
                largest = max(largest, keys[count])
                count += 1

    other_keys, other_source = np.empty_like(keys), np.empty_like(source)
    shift = 0
    while largest >> shift:
        first_of_digit = np.zeros(_NUM_DIGITS + 1, np.int32)
        for n in range(count):
            first_of_digit[((keys[n] >> shift) & (_NUM_DIGITS - 1)) + 1] += 1
        for digit in range(_NUM_DIGITS):
            first_of_digit[digit + 1] += first_of_digit[digit]
        for n in range(count):
            digit = (keys[n] >> shift) & (_NUM_DIGITS - 1)
            to = first_of_digit[digit]
            first_of_digit[digit] += 1
            other_keys[to], other_source[to] = keys[n], source[n]
        keys, other_keys = other_keys, keys
        source, other_source = other_source, source
        shift += _DIGIT_BITS

    different, places = np.empty(count, np.int32), np.full(num_rows * num_ids, -1, np.int32)
    num_different = 0
    for n in range(count):
        if n == 0 or keys[n] != keys[n - 1]:
            different[num_different] = keys[n]
            num_different += 1
        places[source[n]] = num_different - 1
    return different[:num_different].copy(), places.reshape(num_rows, num_ids)
