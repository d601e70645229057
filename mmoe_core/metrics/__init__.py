"""Numbers that judge scores and gates, for the data (what is the best possible?), training and analysis; numpy only."""

from .entire_space import conditional_logits, conditional_probabilities
from .gates import effective_experts, entropy_nats, gate_level, js_distance, mutual_information_bits
from .planning import auc_standard_error, rows_to_see
from .ranking import AucInterval, auc, auc_interval, expected_auc
from .tasks import task_metrics

__all__ = [
    "AucInterval",
    "auc",
    "auc_interval",
    "auc_standard_error",
    "conditional_logits",
    "conditional_probabilities",
    "effective_experts",
    "entropy_nats",
    "expected_auc",
    "gate_level",
    "js_distance",
    "mutual_information_bits",
    "rows_to_see",
    "task_metrics",
]
