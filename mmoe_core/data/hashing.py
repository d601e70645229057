"""Who goes where, by a hash of a key: the same wherever and whenever the key occurs.

Shape suffixes in this file:
    N rows   T bytes of all texts
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

__all__ = ["text_keys", "uniform"]


def uniform(keys_N: np.ndarray, seed: int) -> np.ndarray:
    """A number in [0, 1) per key, the same wherever and whenever the key occurs."""
    start = np.array([seed], np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # an array wraps around without complaint
    return np.asarray(_mixed(keys_N.astype(np.uint64) + start) / 2.0**64)


def text_keys(texts: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """A 64-bit key per text, uint64 (N,), for `uniform`: the sum of a mixed number per byte and its place."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    texts = texts.cast(pa.large_string())
    offsets_N = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    if len(texts) == 0 or offsets_N[-1] == offsets_N[0]:
        return np.zeros(len(texts), np.uint64)
    bytes_T = np.frombuffer(texts.buffers()[2], np.uint8)[offsets_N[0] : offsets_N[-1]]
    lengths_N = np.diff(offsets_N)
    places_T = np.arange(len(bytes_T)) - np.repeat(offsets_N[:-1] - offsets_N[0], lengths_N)
    sums_T = np.cumsum(_mixed((places_T.astype(np.uint64) << np.uint64(8)) + bytes_T + np.uint64(1)), dtype=np.uint64)
    ends = np.concatenate([np.zeros(1, np.uint64), sums_T])
    return np.asarray(ends[offsets_N[1:] - offsets_N[0]] - ends[offsets_N[:-1] - offsets_N[0]])


def _mixed(keys_N: np.ndarray) -> np.ndarray:
    """The finish of splitmix64."""
    keys_N = (keys_N ^ (keys_N >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys_N = (keys_N ^ (keys_N >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(keys_N ^ (keys_N >> np.uint64(31)))
