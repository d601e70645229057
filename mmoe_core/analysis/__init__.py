"""Numbers from stored arrays: what the gates do, by task and by kind of row; how good the scores are. No torch."""

from .balance import balance_over_time
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
from .gradients import conflicts, cosines_over_time, norms_over_time, smoothed
from .reasons import mean_reasons
from .validation import mean_curve, validation_curve

__all__ = [
    "CalibrationError",
    "MeanGain",
    "Measure",
    "TaskGain",
    "balance_over_time",
    "calibration_error",
    "calibration_frame",
    "conflicts",
    "cosines_over_time",
    "distance_between_segments",
    "distance_matrix",
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
    "mean_reasons",
    "norms_over_time",
    "rows_over_time",
    "segment_information_bits",
    "smoothed",
    "task_gain",
    "thin_out",
    "usage_by_segment",
    "usage_over_time",
    "validation_curve",
]
