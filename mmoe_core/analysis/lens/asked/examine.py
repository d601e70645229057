"""Asked by the clinic: what a network's gates, experts and ReLUs do on the probe rows."""

from __future__ import annotations

from typing import Literal

from ....config import Frozen

__all__ = ["Examination", "Examine", "ExpertPair", "ExpertsSaid", "GateSaid", "ReluLayer"]


class Examine(Frozen):
    """Measure what the clinic judges by."""

    kind: Literal["examine"] = "examine"


class GateSaid(Frozen):
    """One reader's gate over the probe rows; only of gates that have a choice."""

    level: int  # from 1
    reader: str
    num_heard: int  # experts that it may hear, n
    entropy: float  # mean of the rows' entropies over ln n: 1 = all experts alike
    top_expert: str
    top_weight: float  # its mean weight, the largest
    sd_weights: float  # standard deviation over the rows, of the expert whose weight varies most
    sd_logits: float  # over the rows, each row's mean taken off, root mean square over the experts
    fingerprint: str  # of the gate's weights: equal ones, equal to the last bit


class ExpertPair(Frozen):
    """How alike two experts are."""

    one: str
    other: str
    difference: float  # largest |difference| of their outputs over the largest |output|; 0: the same function here
    cka: float | None  # linear centred kernel alignment (Kornblith et al., ICML 2019); None where one is constant


class ExpertsSaid(Frozen):
    """The experts of one level."""

    level: int
    num_experts: int
    spread: float  # largest |difference| of any output from the first expert's, over the largest |output|
    closest: tuple[ExpertPair, ...]  # the pairs that differ least, the closest first


class ReluLayer(Frozen):
    """The ReLUs of one layer of an expert or a tower."""

    part: Literal["expert", "tower"]
    level: int
    name: str
    layer: int  # from 1
    num_units: int
    num_dead: int  # never above 0 on the probe rows

    @property
    def dead(self) -> float:
        """Their share."""
        return self.num_dead / self.num_units


class Examination(Frozen):
    """What a network shows on the probe rows."""

    num_rows: int
    gates: tuple[GateSaid, ...]
    experts: tuple[ExpertsSaid, ...]
    relus: tuple[ReluLayer, ...]
