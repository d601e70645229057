"""Numbers from stored arrays: what the gates do, by task and by kind of row. No torch."""

from .balance import balance_over_time
from .film import distance_over_time, effective_experts_over_time, keep_largest, level_usage, usage_over_time
from .gates import (
    expert_usage,
    gate_distance,
    gate_statistics,
    segment_information_bits,
    usage_by_segment,
)

__all__ = [
    "balance_over_time",
    "distance_over_time",
    "effective_experts_over_time",
    "expert_usage",
    "gate_distance",
    "gate_statistics",
    "keep_largest",
    "level_usage",
    "segment_information_bits",
    "usage_by_segment",
    "usage_over_time",
]
