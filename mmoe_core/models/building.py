"""From a config to its network."""

from __future__ import annotations

from ..config import AITM, ESMM, ModelConfig, Schema
from .aitm import TransferModel
from .esmm import EntireSpaceModel
from .network import MultiTaskModel

__all__ = ["build_model"]


def build_model(config: ModelConfig, schema: Schema, *, seed: int) -> MultiTaskModel:
    """The network of a config on a schema, with fresh weights."""
    match config:
        case ESMM():
            return EntireSpaceModel(config, schema, seed=seed)
        case AITM():
            return TransferModel(config, schema, seed=seed)
        case _:
            return MultiTaskModel(config, schema, seed=seed)
