"""The calibration frame is the bins, and its error theirs."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis import calibration_error, calibration_frame
from mmoe_core.metrics import calibration_bins, chance_calibration_error, expected_calibration_error


def test_the_frame_is_the_bins_and_its_error_theirs() -> None:
    draw = np.random.default_rng(1)
    given = draw.beta(1, 5, 500)
    labels = draw.random(500) < given
    frame, bins = calibration_frame(labels, given), calibration_bins(labels, given)
    assert list(frame.columns) == ["rows", "positives", "predicted", "observed", "low", "high"]
    assert frame["rows"].sum() == 500
    assert frame["positives"].sum() == labels.sum()
    assert frame["predicted"].tolist() == [one.predicted for one in bins]
    error = calibration_error(frame)
    assert error is not None
    assert error.found == pytest.approx(expected_calibration_error(bins))
    assert error.by_chance == pytest.approx(chance_calibration_error(bins))


def test_no_rows_have_no_error() -> None:
    frame = calibration_frame([], [])
    assert frame.empty
    assert "rows" in frame
    assert calibration_error(frame) is None
