"""Numbers from stored arrays: what the gates do, by task and by kind of row; how good the scores are. No torch."""

from .balance import balance_over_time
from .baselines import METHODS, MOST_CATEGORIES, MOST_COLUMNS, MOST_TRAIN_ROWS, Method, fit_baseline
from .by_hand import HandStep, hand_csv, own_score, steps_by_hand, written
from .calibration import CalibrationError, calibration_error, calibration_frame
from .experts import dead_over_time, expert_similarity, knock_out_costs, similarity_over_time
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
from .groups import GroupDifference, group_difference
from .reasons import mean_reasons
from .rows import RowOrder, over_all_rows, rows_in_order
from .seesaw import SeedEllipse, pareto_front, seed_ellipse
from .shares import mean_shares, shares_over_time
from .validation import mean_curve, validation_curve

__all__ = [
    "METHODS",
    "MOST_CATEGORIES",
    "MOST_COLUMNS",
    "MOST_TRAIN_ROWS",
    "CalibrationError",
    "GroupDifference",
    "HandStep",
    "MeanGain",
    "Measure",
    "Method",
    "RowOrder",
    "SeedEllipse",
    "TaskGain",
    "balance_over_time",
    "calibration_error",
    "calibration_frame",
    "conflicts",
    "cosines_over_time",
    "dead_over_time",
    "distance_between_segments",
    "distance_matrix",
    "distance_over_time",
    "effective_experts_over_time",
    "expert_similarity",
    "expert_usage",
    "fit_baseline",
    "gain_frame",
    "gate_distance",
    "gate_statistics",
    "group_difference",
    "hand_csv",
    "keep_largest",
    "knock_out_costs",
    "level_usage",
    "mean_curve",
    "mean_gain",
    "mean_reasons",
    "mean_shares",
    "norms_over_time",
    "over_all_rows",
    "own_score",
    "pareto_front",
    "rows_in_order",
    "rows_over_time",
    "seed_ellipse",
    "segment_information_bits",
    "shares_over_time",
    "similarity_over_time",
    "smoothed",
    "steps_by_hand",
    "task_gain",
    "thin_out",
    "usage_by_segment",
    "usage_over_time",
    "validation_curve",
    "written",
]
