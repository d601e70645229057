"""Plain data → plotly figure. Same input, same figure; no files, no network, no screen."""

from .balance import balance_curve
from .checks import check_dots
from .data import cardinality_dots, label_funnel
from .data_behind import data_behind
from .differences import difference_dots
from .experts import dead_units_heatmap, knock_out_dots, similarity_curves, similarity_heatmap
from .film import gate_film, gate_player
from .gates import gate_heatmap, segment_heatmap
from .gradients import conflict_dots, cosine_curves, gradient_heatmap, norm_curves
from .hearing_curves import distance_curve, distance_heatmap, effective_experts_curve
from .intervals import auc_intervals
from .labels import label_correlations, latent_correlations
from .look import DARK, LIGHT, Look, empty_figure
from .marginals import marginal_dots
from .quality import Scale, calibration_curve, gain_dots
from .race import loss_strips, paired_differences
from .reasons import reason_heatmap
from .recovery import information_dots
from .ridges import gate_distribution, gate_ridges
from .row import row_trace
from .seesaw import seesaw_plane, share_curves
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
    "check_dots",
    "conflict_dots",
    "cosine_curves",
    "data_behind",
    "dead_units_heatmap",
    "difference_dots",
    "distance_curve",
    "distance_heatmap",
    "effective_experts_curve",
    "empty_figure",
    "gain_dots",
    "gate_distribution",
    "gate_film",
    "gate_heatmap",
    "gate_player",
    "gate_ridges",
    "gradient_heatmap",
    "group_sizes",
    "information_dots",
    "knock_out_dots",
    "label_correlations",
    "label_funnel",
    "latent_correlations",
    "loss_strips",
    "marginal_dots",
    "norm_curves",
    "paired_differences",
    "reason_heatmap",
    "row_trace",
    "seesaw_plane",
    "segment_heatmap",
    "share_curves",
    "similarity_curves",
    "similarity_heatmap",
    "validation_curves",
    "value_histograms",
]
