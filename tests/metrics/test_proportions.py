"""How sure a counted share is."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from mmoe_core.metrics import exact_interval


@pytest.mark.parametrize(("count", "of"), [(0, 200), (3, 200), (57, 100), (10, 10)])
def test_the_bounds_are_where_each_tail_has_half_of_what_is_left(count: int, of: int) -> None:
    low, high = exact_interval(count, of, 0.9)
    assert binom.sf(count - 1, of, low) == pytest.approx(0.05) if count else low == 0
    assert binom.cdf(count, of, high) == pytest.approx(0.05) if count < of else high == 1
