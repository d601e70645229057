"""Numbers that judge scores and gates, for the data (what is the best possible?), training and analysis; numpy only."""

from .calibration import (
    CALIBRATION_BINS,
    CalibrationBin,
    calibration_bins,
    chance_calibration_error,
    expected_calibration_error,
    wilson_interval,
)
from .comparison import PairedDifference, auc_difference, mean_difference, rmse_difference
from .entire_space import conditional_logits, conditional_probabilities
from .experts import dead_units, linear_cka
from .gates import effective_experts, entropy_nats, gate_level, js_distance, js_distances, mutual_information_bits
from .per_user import GroupedAuc, grouped_auc
from .planning import auc_standard_error, rows_to_see, seeds_to_see
from .proportions import exact_interval
from .ranking import (
    AucInterval,
    auc,
    auc_interval,
    average_precision,
    average_precision_interval,
    expected_auc,
)
from .tasks import closing_metrics, task_metrics

__all__ = [
    "CALIBRATION_BINS",
    "AucInterval",
    "CalibrationBin",
    "GroupedAuc",
    "PairedDifference",
    "auc",
    "auc_difference",
    "auc_interval",
    "auc_standard_error",
    "average_precision",
    "average_precision_interval",
    "calibration_bins",
    "chance_calibration_error",
    "closing_metrics",
    "conditional_logits",
    "conditional_probabilities",
    "dead_units",
    "effective_experts",
    "entropy_nats",
    "exact_interval",
    "expected_auc",
    "expected_calibration_error",
    "gate_level",
    "grouped_auc",
    "js_distance",
    "js_distances",
    "linear_cka",
    "mean_difference",
    "mutual_information_bits",
    "rmse_difference",
    "rows_to_see",
    "seeds_to_see",
    "task_metrics",
    "wilson_interval",
]
