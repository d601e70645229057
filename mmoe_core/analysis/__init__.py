"""Numbers from stored arrays: what the gates do, by task and by kind of row; how good the scores are. No torch."""

from .balance import balance_over_time
from .baselines import METHODS, MOST_CATEGORIES, MOST_COLUMNS, MOST_TRAIN_ROWS, Method, fit_baseline
from .calibration import CalibrationError, calibration_error, calibration_frame
from .film import (
    Measure,
    distance_matrix,
    distance_over_time,
    effective_experts_over_time,
    keep_largest,
    level_usage,
    rows_over_time,
    thin_out,
    usage_over_time,
)
from .gain import MeanGain, TaskGain, gain_frame, mean_gain, task_gain
from .gates import (
    distance_between_segments,
    expert_usage,
    gate_distance,
    gate_statistics,
    segment_information_bits,
    usage_by_segment,
)
from .groups import GroupDifference, group_difference
from .reasons import mean_reasons
from .validation import mean_curve, validation_curve

__all__ = [
    "METHODS",
    "MOST_CATEGORIES",
    "MOST_COLUMNS",
    "MOST_TRAIN_ROWS",
    "CalibrationError",
    "GroupDifference",
    "MeanGain",
    "Measure",
    "Method",
    "TaskGain",
    "balance_over_time",
    "calibration_error",
    "calibration_frame",
    "distance_between_segments",
    "distance_matrix",
    "distance_over_time",
    "effective_experts_over_time",
    "expert_usage",
    "fit_baseline",
    "gain_frame",
    "gate_distance",
    "gate_statistics",
    "group_difference",
    "keep_largest",
    "level_usage",
    "mean_curve",
    "mean_gain",
    "mean_reasons",
    "rows_over_time",
    "segment_information_bits",
    "task_gain",
    "thin_out",
    "usage_by_segment",
    "usage_over_time",
    "validation_curve",
]
