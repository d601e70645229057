"""Parity with torch-rechub 0.9.0: all that `model.parity = rechub` implies, in one place.

    Experts and towers   Linear, BatchNorm, ReLU; a gate is softmax(BatchNorm(W x + b)).
    To begin with        embeddings N(0, 1e-4); weights and biases as `torch.nn.Linear` draws them.
    Losses               the mean over the tasks; of ESMM the sum, as its trainer has it. AITM has no constraint.

Different on purpose: a row of the table that a batch did not read stays where it is, unless `train.moved_rows` is all;
a loss comes from the logit instead of the probability, which changes rounding only. torch-rechub's ESMM reads ids only;
here values stand beside them.
"""

from __future__ import annotations

from .base import Frozen
from .model import ESMM, InRechub, ModelConfig

__all__ = ["averages_losses", "reproduces_rechub", "spelled_out"]

_IMPLIED = {"norm": "batch", "gate_norm": "batch", "embedding_scale": 1e-4, "constraint": 0.0}


def reproduces_rechub(model: Frozen) -> bool:
    """Whether the network is to be torch-rechub's."""
    return isinstance(model, InRechub) and model.parity == "rechub"


def averages_losses(model: ModelConfig) -> bool:
    """Whether tasks' losses join as their mean instead of their sum."""
    return reproduces_rechub(model) and not isinstance(model, ESMM)


def spelled_out(model: ModelConfig) -> ModelConfig:
    """The same with what its parity implies written into the choices, whatever stood there."""
    if not reproduces_rechub(model):
        return model
    return model.model_copy(update={name: v for name, v in _IMPLIED.items() if name in type(model).model_fields})
