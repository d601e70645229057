"""A run's probabilities beside what happened, bin by bin, from its stored predictions."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pandas as pd
from numpy.typing import ArrayLike

from ..metrics import (
    CalibrationBin,
    calibration_bins,
    chance_calibration_error,
    expected_calibration_error,
)

__all__ = ["CalibrationError", "calibration_error", "calibration_frame"]


@dataclass(frozen=True)
class CalibrationError:
    """The expected calibration error, and about what right probabilities would show by chance of the labels."""

    found: float
    by_chance: float


def calibration_frame(labels: ArrayLike, probabilities: ArrayLike) -> pd.DataFrame:
    """One row per bin of about equally many rows, by ascending probability.

    Args:
        labels: 0 or 1, shape (N,).
        probabilities: 0 to 1, shape (N,).

    Columns:
        rows, positives: Counts.
        predicted: Mean probability.
        observed: Share of positives; `low` and `high` are its 95 % Wilson interval.
    """
    bins = calibration_bins(labels, probabilities)
    return pd.DataFrame([asdict(one) for one in bins], columns=list(CalibrationBin.__dataclass_fields__))


def calibration_error(curve: pd.DataFrame) -> CalibrationError | None:
    """How far a curve is from what it says; `None` without rows."""
    bins = [CalibrationBin(*values) for values in curve.itertuples(index=False)]
    found, by_chance = expected_calibration_error(bins), chance_calibration_error(bins)
    return None if found is None or by_chance is None else CalibrationError(found, by_chance)
