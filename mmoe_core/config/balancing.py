"""How several losses become one update: the published methods, told apart by `method`.

All of them see w_k L_k: the weights that people set come first. λ_k is what a method multiplies that with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from .base import Frozen, TaskName

__all__ = [
    "IMTLG",
    "MGDA",
    "AlignedMTL",
    "Balancing",
    "BalancingMethod",
    "CAGrad",
    "Decay",
    "DynamicWeightAverage",
    "GradNorm",
    "MetaBalance",
    "NashMTL",
    "PCGrad",
    "RandomLossWeighting",
    "Static",
    "UPGrad",
    "UncertaintyWeighting",
    "change_method",
]

Gamma = Annotated[float, Field(gt=0, le=1)]


class Static(Frozen):
    """The weights that people set, and nothing else: L = Σ_k w_k L_k."""

    method: Literal["static"] = "static"


class Decay(Frozen):
    """λ_k = γ_k^t, t epochs done: weights that fade, each at its own pace (Tang et al., RecSys 2020, section 4.3)."""

    method: Literal["decay"] = "decay"
    gamma: Gamma = 0.9
    gammas: Mapping[TaskName, Gamma] = Field(default_factory=dict)  # per task; absent = gamma

    def of(self, task: str) -> float:
        """γ_k."""
        return self.gammas.get(task, self.gamma)


class UncertaintyWeighting(Frozen):
    """A noise level per task is learnt with the network (Kendall, Gal, Cipolla, CVPR 2018).

    With s = log σ²: `kendall` minimises L e^-s + s/2 (binary) or L e^-s / 2 + s/2 (regression), whose optimum is
    λ = 1 / (2 L); `rechub` minimises 2 L e^-s + s with s kept from falling below 0, as torch-rechub does: λ = 2 for
    every task whose loss is below .5.
    """

    method: Literal["uw"] = "uw"
    form: Literal["kendall", "rechub"] = "kendall"
    learning_rate: float = Field(0.01, gt=0, le=1)  # of s, by Adam


class GradNorm(Frozen):
    """λ is learnt so that tasks that lag get larger gradients in the last shared layer (Chen et al., ICML 2018)."""

    method: Literal["gradnorm"] = "gradnorm"
    alpha: float = Field(1.5, ge=0, le=10)  # how strongly a task that lags is pulled along
    learning_rate: float = Field(0.025, gt=0, le=1)  # of λ


class DynamicWeightAverage(Frozen):
    """A loss that falls slower than the others weighs more in the next epoch (Liu, Johns, Davison, CVPR 2019)."""

    method: Literal["dwa"] = "dwa"
    temperature: float = Field(2.0, gt=0, le=100)  # above 1: more even


class MetaBalance(Frozen):
    """Layer by layer, the other tasks' gradients are brought to the target's length (He et al., WWW 2022)."""

    method: Literal["metabalance"] = "metabalance"
    target: TaskName | None = None  # None: the last task, most often the one that matters
    relax: float = Field(0.7, ge=0, le=1)  # r: 0 leaves gradients as they are, 1 makes them as long as the target's
    beta: float = Field(0.9, ge=0, lt=1)  # of the moving average of a gradient's length
    strategy: Literal["reduce", "enlarge", "both"] = "both"  # which lengths are changed


class RandomLossWeighting(Frozen):
    """λ = softmax of normal draws, anew at each step: what a method should beat (Lin et al., TMLR 2022)."""

    method: Literal["rlw"] = "rlw"


class PCGrad(Frozen):
    """Of two gradients that conflict each loses what points against the other (Yu et al., NeurIPS 2020)."""

    method: Literal["pcgrad"] = "pcgrad"


class MGDA(Frozen):
    """The shortest mean of the gradients, which lowers all losses (Sener, Koltun, NeurIPS 2018)."""

    method: Literal["mgda"] = "mgda"


class CAGrad(Frozen):
    """Near the mean gradient, the step that helps the worst-off task most (Liu et al., NeurIPS 2021)."""

    method: Literal["cagrad"] = "cagrad"
    c: float = Field(0.5, ge=0, lt=1)  # how far from the mean, as a share of its length


class IMTLG(Frozen):
    """The step whose projections on all gradients are equal (Liu et al., ICLR 2021)."""

    method: Literal["imtl_g"] = "imtl_g"


class NashMTL(Frozen):
    """Tasks bargain for the step; what they agree on is the Nash solution (Navon et al., ICML 2022)."""

    method: Literal["nash_mtl"] = "nash_mtl"
    update_every: int = Field(1, ge=1, le=1000)  # steps between two bargains
    max_norm: float = Field(1.0, ge=0, le=1e6)  # of the step that they agree on; 0: as it is


class AlignedMTL(Frozen):
    """Gradients are made orthogonal and equally long before they are added (Senushkin et al., CVPR 2023)."""

    method: Literal["aligned_mtl"] = "aligned_mtl"


class UPGrad(Frozen):
    """Each gradient is turned until it conflicts with none, then their mean is taken (Quinton, Rey, 2024)."""

    method: Literal["upgrad"] = "upgrad"


BalancingMethod = Literal[
    "static",
    "decay",
    "uw",
    "gradnorm",
    "dwa",
    "metabalance",
    "rlw",
    "pcgrad",
    "mgda",
    "cagrad",
    "imtl_g",
    "nash_mtl",
    "aligned_mtl",
    "upgrad",
]
Balancing = Annotated[
    Static
    | Decay
    | UncertaintyWeighting
    | GradNorm
    | DynamicWeightAverage
    | MetaBalance
    | RandomLossWeighting
    | PCGrad
    | MGDA
    | CAGrad
    | IMTLG
    | NashMTL
    | AlignedMTL
    | UPGrad,
    Field(discriminator="method"),
]

_classes: tuple[type[Balancing], ...] = get_args(get_args(Balancing)[0])
_class_of: dict[BalancingMethod, type[Balancing]] = {found.model_fields["method"].default: found for found in _classes}


def change_method(balancing: Balancing, method: BalancingMethod) -> Balancing:
    """Another method as it comes; the same one as it is."""
    return balancing if balancing.method == method else _class_of[method]()
