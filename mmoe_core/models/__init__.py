"""Networks: one embedding table, one bank of experts, gates, one bank of towers; one output type."""

from .embedding import EmbeddingTable
from .network import MultiTaskModel, build_model
from .output import GateLevel, MultiTaskOutput

__all__ = ["EmbeddingTable", "GateLevel", "MultiTaskModel", "MultiTaskOutput", "build_model"]
