"""From a config to its network."""

from __future__ import annotations

from ..config import AITM, ESMM, ModelConfig, Schema, reproduces_rechub, spelled_out
from .aitm import TransferModel
from .beginning import draw_as_torch
from .esmm import EntireSpaceModel
from .network import MultiTaskModel

__all__ = ["build_model"]


def build_model(config: ModelConfig, schema: Schema, *, seed: int) -> MultiTaskModel:
    """The network of a config on a schema, with fresh weights."""
    model = _of_kind(spelled_out(config), schema, seed)
    if reproduces_rechub(config):
        draw_as_torch(model, model.generator)
    return model


def _of_kind(config: ModelConfig, schema: Schema, seed: int) -> MultiTaskModel:
    match config:
        case ESMM():
            return EntireSpaceModel(config, schema, seed=seed)
        case AITM():
            return TransferModel(config, schema, seed=seed)
        case _:
            return MultiTaskModel(config, schema, seed=seed)
