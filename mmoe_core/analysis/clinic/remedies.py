"""What may help against a fault: one choice of the run changed, as a branch of it or as a new run of the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...config import Gated, GradNorm, RunConfig, reproduces_rechub
from .findings import Finding

__all__ = ["REMEDIES", "Remedy", "remedies"]

REMEDIES: Mapping[str, str] = {
    "gate_dropout": "Shut gates by chance while training, the rest re-normalised",
    "temperature": "Soften the gates by temperature",
    "load_penalty": "Let gates pay for an uneven load",
    "layer_norm": "Layer norm in experts and towers",
    "embedding_scale": "Begin with embeddings that a gate can see",
    "task_weight": "Raise the task's weight",
    "balancing": "Balance the tasks by their gradients",
    "learning_rate": "Lower the learning rate",
    "clipping": "Clip gradients",
    "start_anew": "Begin again from the seed's own weights",
}
"""What each does, for the eye."""

_AGAINST: Mapping[str, tuple[str, ...]] = {
    "not_a_number": ("learning_rate", "clipping", "layer_norm"),
    "constant_start": ("start_anew",),
    "starved_task": ("task_weight", "balancing"),
    "dead_relus": ("layer_norm", "learning_rate", "start_anew"),
    "twin_experts": ("start_anew", "gate_dropout"),
    "frozen_gate": ("start_anew", "embedding_scale"),
    "constant_gate": ("embedding_scale", "start_anew"),
    "polarised_gate": ("load_penalty", "gate_dropout", "temperature", "embedding_scale"),
    "uniform_gate": ("embedding_scale", "start_anew"),
}


@dataclass(frozen=True)
class Remedy:
    """One change.

    Attributes:
        code: Of `REMEDIES`.
        way: As a branch of the run, from a state that it has kept; or as a new run, which begins with the initial
            weights of the same seed, since the change decides which weights there are, or how they begin.
        changes: `path=value`.
    """

    code: str
    way: Literal["branch", "anew"]
    changes: Mapping[str, str]


def remedies(finding: Finding, config: RunConfig) -> tuple[Remedy, ...]:
    """What may be tried against a fault in a run of these choices; what it has already is left out."""
    found = (_remedy(code, finding, config) for code in _AGAINST[finding.code])
    return tuple(remedy for remedy in found if remedy is not None)


def _remedy(code: str, finding: Finding, config: RunConfig) -> Remedy | None:
    model, train = config.model, config.train
    match code:
        case "gate_dropout" if isinstance(model, Gated) and model.gate_dropout < 0.1:
            return Remedy(code, "branch", {"model.gate_dropout": "0.1"})  # Zhao et al., RecSys 2019
        case "temperature" if isinstance(model, Gated) and model.gate_temperature <= 50:
            return Remedy(code, "branch", {"model.gate_temperature": f"{2 * model.gate_temperature:g}"})
        case "load_penalty" if isinstance(model, Gated) and model.load_penalty < 0.1:
            return Remedy(code, "branch", {"model.load_penalty": "0.1"})  # Shazeer et al., ICLR 2017
        case "layer_norm" if model.norm == "none" and not reproduces_rechub(model):
            return Remedy(code, "anew", {"model.norm": "layer"})
        case "embedding_scale" if model.embedding_scale < 0.5 and not reproduces_rechub(model):
            return Remedy(code, "anew", {"model.embedding_scale": "0.5"})
        case "task_weight":
            task = str(finding.values["task"])
            weight = min(10_000.0, max(1.0, 10 * train.task_weight(task)))
            return Remedy(code, "branch", {f"train.task_weights.{task}": f"{weight:g}"})
        case "balancing" if _can_be_balanced(str(finding.values["task"]), config):
            return Remedy(code, "branch", {"train.balancing.method": "gradnorm"})
        case "learning_rate":
            return Remedy(code, "branch", {"train.learning_rate": f"{train.learning_rate / 10:g}"})
        case "clipping" if train.clip_norm is None:
            return Remedy(code, "branch", {"train.clip_norm": "1"})
        case "start_anew":
            return Remedy(code, "anew", {})
        case _:
            return None


def _can_be_balanced(task: str, config: RunConfig) -> bool:
    """A weight of 0 leaves nothing to balance, and networks that share nothing neither."""
    is_new = not isinstance(config.train.balancing, GradNorm)
    return is_new and config.train.task_weight(task) > 0 and config.model.kind != "single"
