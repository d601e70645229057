"""Plain data → plotly figure. Same input, same figure; no files, no network, no screen."""

from .balance import balance_curve
from .data import cardinality_dots, label_funnel
from .gate_rows import effective_experts_curve, gate_distribution
from .gates import gate_film, gate_heatmap, segment_heatmap
from .intervals import auc_intervals
from .labels import label_correlations, latent_correlations
from .look import DARK, LIGHT, Look, empty_figure
from .marginals import marginal_dots
from .quality import Scale, calibration_curve, gain_dots
from .race import loss_strips, paired_differences
from .row import row_trace
from .spread import group_sizes, value_histograms
from .validation import validation_curves

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "Scale",
    "auc_intervals",
    "balance_curve",
    "calibration_curve",
    "cardinality_dots",
    "effective_experts_curve",
    "empty_figure",
    "gain_dots",
    "gate_distribution",
    "gate_film",
    "gate_heatmap",
    "group_sizes",
    "label_correlations",
    "label_funnel",
    "latent_correlations",
    "loss_strips",
    "marginal_dots",
    "paired_differences",
    "row_trace",
    "segment_heatmap",
    "validation_curves",
    "value_histograms",
]
