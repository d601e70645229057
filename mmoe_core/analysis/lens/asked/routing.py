"""Gradient routing: what of each task's loss arrives at each expert of the last level, beside the gate.

What a task's tower reads is h^k = Σ_i g_i^k E_i, so that its loss reaches an expert through the gate and in no other
way: ∂L_k/∂E_i(x) = g_i^k(x) · ∂L_k/∂h^k (Ma et al., KDD 2018, equation 6, differentiated). Two kinds let a loss pass
through another task's mixture as well: ESMM's product through the click's, AITM's transfer through those before it.
There the identity is about the part that passes through the task's own.

Shape suffixes in this file:
    T tasks   E experts   H expert output width
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ....config import Frozen
from ....data import SplitName

__all__ = ["RouteSaid", "Routing", "RoutingSaid", "RowRouting", "RowRoutingSaid", "TaskRoutes"]


class Routing(Frozen):
    """Measure it on the probe rows."""

    kind: Literal["routing"] = "routing"


class RowRouting(Frozen):
    """Show the identity on one row.

    Attributes:
        row: Its number within the split.
    """

    kind: Literal["row_routing"] = "row_routing"
    split: SplitName = "test"
    row: int = Field(ge=0)


class RouteSaid(Frozen):
    """Both sides of the identity, of one task and one expert on the row.

    Attributes:
        gate: g_i^k(x).
        measured_H: ∂L_k/∂E_i(x) through h^k, by automatic differentiation; its first components.
        measured_norm: Of all its components.
        product_H: g_i^k(x) · ∂L_k/∂h^k; its first components.
        product_norm: Of all its components.
        difference: Length of what sets the two apart, over the length of the longer; 0 where both are 0.
    """

    gate: float
    measured_H: tuple[float, ...]
    measured_norm: float
    product_H: tuple[float, ...]
    product_norm: float
    difference: float


class TaskRoutes(Frozen):
    """One task on the row.

    Attributes:
        is_observed: Whether the row has a label of this task; if not, its loss is 0 and so is every gradient.
        mixture_H: ∂L_k/∂h^k; its first components.
        mixture_norm: Of all its components.
        routes_E: To each expert.
    """

    task: str
    is_observed: bool
    mixture_H: tuple[float, ...]
    mixture_norm: float
    routes_E: tuple[RouteSaid, ...]


class RoutingSaid(Frozen):
    """What arrives where, in double precision.

    Attributes:
        num_rows: Probe rows that were measured.
        gates_TE: Mean gate weight over them.
        norms_TE: ‖∂L_k/∂E_i‖ over all of them: root of the sum over rows of squared lengths.
        own_norms_TE: The part through the task's own mixture; the same numbers where there is no other way.
        difference: The largest of any task, expert and probe row, as `RouteSaid.difference`.
    """

    num_rows: int
    tasks: tuple[str, ...]
    experts: tuple[str, ...]
    gates_TE: tuple[tuple[float, ...], ...]
    norms_TE: tuple[tuple[float, ...], ...]
    own_norms_TE: tuple[tuple[float, ...], ...]
    difference: float


class RowRoutingSaid(Frozen):
    """The identity on the row, task by task."""

    experts: tuple[str, ...]
    tasks: tuple[TaskRoutes, ...]
