"""Plain data → plotly figure. Same input, same figure; no files, no network, no screen."""

from .balance import balance_curve
from .data import cardinality_dots, label_funnel
from .gates import effective_experts_curve, gate_distribution, gate_film, gate_heatmap, segment_heatmap
from .labels import label_correlations, latent_correlations
from .look import DARK, LIGHT, Look, empty_figure
from .marginals import marginal_dots
from .spread import group_sizes, value_histograms

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "balance_curve",
    "cardinality_dots",
    "effective_experts_curve",
    "empty_figure",
    "gate_distribution",
    "gate_film",
    "gate_heatmap",
    "group_sizes",
    "label_correlations",
    "label_funnel",
    "latent_correlations",
    "marginal_dots",
    "segment_heatmap",
    "value_histograms",
]
