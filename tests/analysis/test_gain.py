"""Multi-task gain by its formula, signs included, and what may be concluded from it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, root_mean_squared_error

from mmoe_core.analysis import gain_frame, mean_gain, task_gain
from mmoe_core.metrics import auc_difference, rows_to_see

DRAW = np.random.default_rng(1)
LABELS = DRAW.random(800) < 0.25
NOISE = DRAW.normal(size=(3, 800))
BETTER, WORSE = 1.5 * LABELS + NOISE[0], 0.3 * LABELS + NOISE[1]


def test_an_auc_gain_is_relative_to_the_mean_of_the_single_task_runs() -> None:
    gain = task_gain("binary", LABELS, BETTER, [WORSE, NOISE[2]])
    alone = [roc_auc_score(LABELS, WORSE), roc_auc_score(LABELS, NOISE[2])]
    assert gain.gain == pytest.approx((roc_auc_score(LABELS, BETTER) - np.mean(alone)) / np.mean(alone))
    assert (gain.lowest_single, gain.highest_single) == (pytest.approx(min(alone)), pytest.approx(max(alone)))
    low, high = gain.interval
    found = auc_difference(LABELS, BETTER, [WORSE, NOISE[2]])
    assert (low, high) == (pytest.approx(found.low / np.mean(alone)), pytest.approx(found.high / np.mean(alone)))
    assert 0 < low < gain.gain < high
    assert (gain.rows, gain.positives, gain.rows_needed) == (800, LABELS.sum(), None)


def test_a_smaller_error_is_a_gain() -> None:
    labels = DRAW.normal(size=500)
    good, bad = labels + 0.5 * DRAW.normal(size=500), labels + DRAW.normal(size=500)
    gain = task_gain("regression", labels, good, [bad])
    good_rmse, bad_rmse = root_mean_squared_error(labels, good), root_mean_squared_error(labels, bad)
    assert gain.gain == pytest.approx((bad_rmse - good_rmse) / bad_rmse)
    low, high = gain.interval
    assert 0 < low < gain.gain < high
    assert task_gain("regression", labels, bad, [good]).gain < 0


def test_what_cannot_be_told_apart_says_how_many_rows_it_would_take() -> None:
    one, other = 0.5 * LABELS + NOISE[0], 0.5 * LABELS + NOISE[1]
    gain = task_gain("binary", LABELS, one, [other])
    low, high = gain.interval
    assert low <= 0 <= high
    found = gain.found
    about = (found.one + found.other) / 2
    expected = rows_to_see(abs(found.difference), about, LABELS.mean(), correlation=found.correlation)
    assert gain.rows_needed == expected > gain.rows == 800
    same = task_gain("binary", LABELS, one, [one])
    assert (same.gain, same.interval, same.rows_needed) == (0, (0, 0), None)


def test_so_many_more_rows_do_tell_them_apart() -> None:
    """As many rows as are said to be needed find a true difference of the size that was seen in 80 of 100 samples."""
    draw = np.random.default_rng(8)

    def sample(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        labels, shared = draw.random(rows) < 0.25, draw.normal(size=rows)
        one, other = ((s * labels + shared + 0.3 * draw.normal(size=rows)) for s in (0.9, 0.85))
        return labels, one, other

    labels, one, other = sample(400_000)
    found = auc_difference(labels, one, [other])
    needed = rows_to_see(found.difference, found.one, 0.25, correlation=found.correlation)
    assert needed < 40_000
    seen = []
    for _ in range(200):
        labels, one, other = sample(needed)
        seen.append(auc_difference(labels, one, [other]).is_distinguishable)
    assert 0.7 <= np.mean(seen) <= 0.9


def test_one_class_has_no_gain_and_then_there_is_no_mean() -> None:
    assert task_gain("binary", np.zeros(5), np.arange(5), [np.arange(5)]) is None
    some = task_gain("binary", LABELS, BETTER, [WORSE])
    assert mean_gain([some, None]) is None
    assert mean_gain([]) is None


def test_the_mean_gain_has_an_interval_no_narrower_than_the_truth() -> None:
    """Two tasks with the same scores go together wholly: then the cautious interval is the exact one."""
    some = task_gain("binary", LABELS, BETTER, [WORSE])
    both = mean_gain([some, some])
    assert both.gain == pytest.approx(some.gain)
    assert both.interval == pytest.approx(some.interval)
    other = task_gain("binary", LABELS, NOISE[2], [WORSE])
    mean = mean_gain([some, other])
    assert mean.gain == pytest.approx((some.gain + other.gain) / 2)
    assert mean.interval[1] - mean.interval[0] == pytest.approx(
        sum(one.interval[1] - one.interval[0] for one in (some, other)) / 2
    )


def test_without_a_spread_a_gain_and_the_mean_have_no_interval() -> None:
    labels = np.repeat([0, 1], 5)
    perfect = task_gain("binary", labels, np.arange(10), [np.where(np.arange(10) == 9, 0, np.arange(10))])
    one_positive = task_gain("binary", [0, 0, 1], [1, 2, 3], [[1, 3, 2]])
    assert one_positive.interval is None
    assert mean_gain([perfect, one_positive]).interval is None


def test_the_frame_has_a_row_per_task_and_nothing_where_nothing_is_defined() -> None:
    some = task_gain("binary", LABELS, BETTER, [WORSE])
    frame = gain_frame(
        {"click": some, "purchase": None, "like": task_gain("binary", [0, 0, 1], [1, 2, 3], [[1, 3, 2]])}
    )
    assert frame.loc["click"].tolist() == pytest.approx([some.gain, *some.interval])
    assert frame.loc["purchase"].isna().all()
    assert math.isnan(frame.loc["like", "low"])
    assert frame.loc["like", "gain"] > 0
