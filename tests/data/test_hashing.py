"""Keys of texts and the places they give: the same everywhere, different for different texts, spread evenly."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from scipy.stats import kstest

from mmoe_core.data.hashing import text_keys, uniform

_MASK = 2**64 - 1


def mixed(number: int) -> int:
    """The finish of splitmix64 (Steele, Lea and Flood 2014), in Python's whole numbers."""
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & _MASK
    return number ^ number >> 31


def plain_key(text: str) -> int:
    return sum(mixed((place << 8) + byte + 1) for place, byte in enumerate(text.encode())) & _MASK


@given(st.lists(st.text(max_size=12), max_size=8), st.integers(0, 3))
def test_a_key_is_what_a_plain_reading_of_its_text_says(texts: list[str], skipped: int) -> None:
    wanted = [plain_key(text) for text in texts]
    assert text_keys(pa.array(texts, pa.string())).tolist() == wanted
    assert text_keys(pa.array(texts, pa.string())[skipped:]).tolist() == wanted[skipped:]
    halves = pa.chunked_array([pa.array(part, pa.string()) for part in (texts[:skipped], texts[skipped:])])
    assert text_keys(halves).tolist() == wanted
    assert text_keys(pa.array(texts, pa.string()).dictionary_encode()).tolist() == wanted


def test_different_texts_have_different_keys() -> None:
    numbers = [f"{number}" for number in range(100_000)]
    texts = [*numbers, *(f"u{number}" for number in numbers), *(f"{number:012d}" for number in range(100_000))]
    signs = [chr(code) for code in range(32, 127)]
    texts += [one + other for one in signs for other in signs]
    texts = list(dict.fromkeys([*texts, "ab", "ba", "a", "a\0", "a\0\0", ""]))
    assert len(np.unique(text_keys(pa.array(texts)))) == len(texts)


@pytest.mark.parametrize("seed", [0, 1, 2022, 2**32])
def test_places_are_even_and_those_of_other_seeds_independent(seed: int) -> None:
    for keys in (text_keys(pa.array([f"user-{n}" for n in range(20_000)])), np.arange(20_000).astype(np.uint64)):
        place, other = uniform(keys, seed), uniform(keys, seed + 1)
        assert ((place >= 0) & (place < 1)).all()
        assert kstest(place, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(place, other)[0, 1]) < 0.03
