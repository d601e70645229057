"""Standard errors before there is a model."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.metrics import auc, auc_standard_error, rows_to_see

CLICK, PURCHASE = 1_644_256 / 42_300_135, 8_802 / 42_300_135  # per impression of Ali-CCP's train file


@pytest.mark.parametrize(
    ("rate", "about", "expected"),
    [(PURCHASE, 0.69, (0.065, 0.0205, 0.0031)), (CLICK, 0.65, (0.0049, 0.0015, 0.0002))],
)
def test_what_ali_ccp_allows(rate: float, about: float, expected: tuple[float, ...]) -> None:
    for rows, error in zip((100_000, 1_000_000, 43_016_840), expected, strict=True):
        found = auc_standard_error(about, rows * rate, rows * (1 - rate))
        digits = len(str(error)) - 2
        assert round(found, digits) == error


def test_it_is_the_spread_of_the_auc_of_exponential_scores() -> None:
    draw, labels = np.random.default_rng(5), np.repeat([1, 0], [40, 160])
    ratio = 1.5  # of the two means: AUC = ratio / (1 + ratio)
    areas = [auc(labels, draw.exponential(np.where(labels == 1, ratio, 1.0))) for _ in range(3000)]
    assert np.mean(areas) == pytest.approx(0.6, abs=0.005)
    assert np.std(areas) == pytest.approx(auc_standard_error(0.6, 40, 160), rel=0.05)


def test_one_class_has_no_error_and_no_number_of_rows() -> None:
    assert auc_standard_error(0.6, 0, 100) is None
    assert auc_standard_error(0.6, 100, 0) is None
    assert rows_to_see(0.01, 0.6, 0.0) is None


def test_so_many_rows_make_the_difference_2_8_standard_errors_of_a_difference() -> None:
    rows = rows_to_see(0.01, 0.6, 0.04)
    of_a_difference = 2**0.5 * auc_standard_error(0.6, rows * 0.04, rows * 0.96)
    assert 0.01 / of_a_difference == pytest.approx(1.96 + 0.8416, rel=1e-3)


def test_rarer_positives_smaller_differences_and_independent_errors_take_more_rows() -> None:
    assert rows_to_see(0.01, 0.6, PURCHASE) > 100 * rows_to_see(0.01, 0.6, CLICK)
    assert rows_to_see(0.005, 0.6, CLICK) == pytest.approx(4 * rows_to_see(0.01, 0.6, CLICK), rel=1e-5)
    assert rows_to_see(0.01, 0.6, CLICK, correlation=0.9) == pytest.approx(
        0.1 * rows_to_see(0.01, 0.6, CLICK), rel=1e-4
    )
