"""The numbers that decide, each beside its bound: what a healthy run is healthy by, and what a remedy has changed.

The bounds were chosen on seeds 10,000 and up of the study's small run; its false alarms are counted on others
(`study alarms`).
"""

from __future__ import annotations

import pandas as pd

from .evidence import Evidence

__all__ = ["BLIND", "DEAD", "POLARISED", "STARVED", "TWINS", "UNIFORM", "check_frame"]

STARVED = 0.01  # of the gradient; an even share of two tasks is .5
DEAD = 0.9  # of a layer's ReLUs
TWINS = 0.02  # of the largest output
BLIND = 0.02  # of logits over rows; an untrained gate has about .3
POLARISED = 0.95
UNIFORM = 0.998  # of the largest entropy; an untrained gate has about .98


def check_frame(evidence: Evidence) -> pd.DataFrame:
    """The worst of each measure.

    Returns:
        One row per fault that has one, index `fault`; columns `value`, `bound`, and `is_ill_above`: on which side of
        the bound it is ill. What cannot be measured, such as gates where there is no choice, is left out.
    """
    trained = evidence.trained
    gates = trained.gates if trained else ()
    pairs = [pair.difference for level in trained.experts for pair in level.closest] if trained else []
    shares = [task.gradient_share for task in evidence.tasks if task.gradient_share is not None]
    found = [
        ("starved_task", shares if len(shares) > 1 else [], STARVED, False),
        ("dead_relus", [layer.dead for layer in trained.relus] if trained else [], DEAD, True),
        ("twin_experts", pairs, TWINS, False),
        ("constant_gate", [gate.sd_logits for gate in gates], BLIND, False),
        ("polarised_gate", [gate.top_weight for gate in gates], POLARISED, True),
        ("uniform_gate", [gate.entropy for gate in gates], UNIFORM, True),
    ]
    return pd.DataFrame(
        [(code, max(of) if above else min(of), bound, above) for code, of, bound, above in found if of],
        columns=["fault", "value", "bound", "is_ill_above"],
    ).set_index("fault")
