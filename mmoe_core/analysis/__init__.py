"""Numbers from stored arrays: what the gates do, by task and by kind of row; how good the scores are. No torch."""

from .balance import balance_over_time
from .calibration import CalibrationError, calibration_error, calibration_frame
from .film import distance_over_time, effective_experts_over_time, keep_largest, level_usage, usage_over_time
from .gain import MeanGain, TaskGain, gain_frame, mean_gain, task_gain
from .gates import (
    expert_usage,
    gate_distance,
    gate_statistics,
    segment_information_bits,
    usage_by_segment,
)
from .seesaw import SeedEllipse, pareto_front, seed_ellipse
from .shares import mean_shares, shares_over_time
from .validation import mean_curve, validation_curve

__all__ = [
    "CalibrationError",
    "MeanGain",
    "SeedEllipse",
    "TaskGain",
    "balance_over_time",
    "calibration_error",
    "calibration_frame",
    "distance_over_time",
    "effective_experts_over_time",
    "expert_usage",
    "gain_frame",
    "gate_distance",
    "gate_statistics",
    "keep_largest",
    "level_usage",
    "mean_curve",
    "mean_gain",
    "mean_shares",
    "pareto_front",
    "seed_ellipse",
    "segment_information_bits",
    "shares_over_time",
    "task_gain",
    "usage_by_segment",
    "usage_over_time",
    "validation_curve",
]
