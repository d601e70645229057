"""Which network, told apart by `kind`; with a `Schema` each is enough to rebuild it.

What a kind means is its `plan`: who reads which experts, level by level.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Frozen, TaskName, Widths

__all__ = [
    "AITM",
    "CGC",
    "ESMM",
    "MAX_EXPERTS",
    "PLE",
    "TOO_MANY_EXPERTS",
    "Gated",
    "Grouped",
    "InRechub",
    "MMoE",
    "ModelConfig",
    "ModelKind",
    "MultiLevelMMoE",
    "OneGate",
    "Routed",
    "SharedBottom",
    "Single",
    "change_kind",
]

MAX_EXPERTS = 256
TOO_MANY_EXPERTS = "too_many_experts"  # what `refusal` knows the finding by
_NUMBER_BYTES = 16  # float32: the number, its gradient, and Adam's two moments


class Architecture(Frozen):
    """What all kinds share: one embedding table below, one tower per task above."""

    embedding_size: int = Field(8, ge=1, le=256)
    embedding_scale: float = Field(0.5, gt=0, le=10)  # σ of the initial embedding; small ones blind the gate
    expert_widths: Widths = (16,)  # the last one is H, what the towers read
    default_tower_widths: Widths = (8,)
    tower_widths: Mapping[TaskName, Widths] = Field(default_factory=dict)  # per task; absent = default
    norm: Literal["none", "layer", "batch"] = "none"  # of hidden layers in experts and towers, before their ReLU
    expert_dropout: float = Field(0.0, ge=0, le=0.9)  # share of each hidden layer's outputs that a step leaves out
    tower_dropout: float = Field(0.0, ge=0, le=0.9)

    def tower(self, task: str) -> Widths:
        """Hidden widths of one task's tower."""
        return self.tower_widths.get(task, self.default_tower_widths)


class InRechub(Architecture):
    """What torch-rechub has too."""

    parity: Literal["none", "rechub"] = "none"  # rechub: its layers, initial weights and mean of losses


class Single(Architecture):
    """No sharing: one network per task, embeddings included; what sharing is judged against."""

    kind: Literal["single"] = "single"


class SharedBottom(InRechub):
    """Caruana 1997: every task reads the one expert."""

    kind: Literal["shared_bottom"] = "shared_bottom"


class Gated(Architecture):
    """Experts that softmax gates mix."""

    gate_temperature: float = Field(1.0, ge=0.01, le=100)  # divides the logits: above 1 softer, below 1 sharper
    gate_dropout: float = Field(0.0, ge=0, le=0.9)  # chance that a step shuts a row's gate; the rest sums to 1
    gate_norm: Literal["none", "batch"] = "none"  # batch: of the logits, as torch-rechub has it
    load_penalty: float = Field(0.0, ge=0, le=100)  # w: what an uneven load of the experts costs a gate


class Routed(Gated):
    """All experts are open to every gate."""

    num_experts: int = Field(8, ge=1)

    @model_validator(mode="after")
    def _fits(self) -> Routed:
        if self.num_experts > MAX_EXPERTS:
            # A lower bound that needs no schema: each expert reads at least one input.
            numbers = sum(fan_in * fan_out + fan_out for fan_in, fan_out in pairwise((1, *self.expert_widths)))
            raise PydanticCustomError(
                TOO_MANY_EXPERTS,
                "too many experts",
                {"count": self.num_experts, "numbers": numbers, "bytes": self.num_experts * numbers * _NUMBER_BYTES},
            )
        return self


class OneGate(Routed):
    """Mixture of experts with one gate for all tasks (OMoE of Ma et al. 2018)."""

    kind: Literal["one_gate"] = "one_gate"


class MMoE(Routed, InRechub):
    """Multi-gate mixture-of-experts, Ma et al., KDD 2018, section 4: one gate per task."""

    kind: Literal["mmoe"] = "mmoe"


class MultiLevelMMoE(Routed):
    """MMoE on several levels (the ML-MMoE of Tang et al., RecSys 2020): each expert has a gate over those below it."""

    kind: Literal["ml_mmoe"] = "ml_mmoe"
    num_levels: int = Field(2, ge=2, le=4)


class Grouped(Gated, InRechub):
    """Experts of one task's own, and shared ones: a task's gate mixes its own and the shared."""

    num_task_experts: int = Field(2, ge=1, le=32)  # of each task
    num_shared_experts: int = Field(4, ge=1, le=64)


class CGC(Grouped):
    """Customized gate control, Tang et al., RecSys 2020, section 4.1."""

    kind: Literal["cgc"] = "cgc"


class PLE(Grouped):
    """Progressive layered extraction, Tang et al., RecSys 2020, section 4.2: CGC on several levels."""

    kind: Literal["ple"] = "ple"
    num_levels: int = Field(2, ge=2, le=4)


class ESMM(InRechub):
    """Entire-space multi-task model, Ma et al., SIGIR 2018: pCTCVR = pCTR · pCVR over all impressions.

    One network per task over shared embeddings; a task whose label space is CTCVR is scored by the product.
    """

    kind: Literal["esmm"] = "esmm"


class AITM(InRechub):
    """Adaptive information transfer multi-task, Xi et al., KDD 2021: each task may take over from the one before it."""

    kind: Literal["aitm"] = "aitm"
    constraint: float = Field(0.6, ge=0, le=100)  # α: keeps a purchase from being likelier than its click


ModelKind = Literal["single", "shared_bottom", "one_gate", "mmoe", "ml_mmoe", "cgc", "ple", "esmm", "aitm"]
ModelConfig = Annotated[
    Single | SharedBottom | OneGate | MMoE | MultiLevelMMoE | CGC | PLE | ESMM | AITM, Field(discriminator="kind")
]

_classes: tuple[type[ModelConfig], ...] = get_args(get_args(ModelConfig)[0])
_class_of: dict[ModelKind, type[ModelConfig]] = {found.model_fields["kind"].default: found for found in _classes}


def change_kind(model: ModelConfig, kind: ModelKind) -> tuple[ModelConfig, tuple[str, ...]]:
    """The same choices under another kind, and the names of those that were made and that it does not have."""
    new_class = _class_of[kind]
    chosen = model.model_dump(exclude={"kind"})
    kept = {name: value for name, value in chosen.items() if name in new_class.model_fields}
    fields = type(model).model_fields
    dropped = (name for name in chosen if name not in kept and chosen[name] != fields[name].default)
    return new_class.model_validate(kept), tuple(dropped)
