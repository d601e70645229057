"""Plain data → plotly figure. Same input, same figure; no files, no network, no screen."""

from .data import cardinality_dots, label_funnel
from .gates import effective_experts_curve, gate_distribution, gate_film, gate_heatmap, segment_heatmap
from .look import DARK, LIGHT, Look, empty_figure

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "cardinality_dots",
    "effective_experts_curve",
    "empty_figure",
    "gate_distribution",
    "gate_film",
    "gate_heatmap",
    "label_funnel",
    "segment_heatmap",
]
