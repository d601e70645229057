"""Networks: one embedding table, levels of experts and gates, one tower per task; one output type."""

from .aitm import TransferModel
from .building import build_model
from .embedding import EmbeddingTable
from .esmm import EntireSpaceModel
from .losses import row_shares, task_losses
from .network import MultiTaskModel
from .output import GateLevel, MultiTaskOutput

__all__ = [
    "EmbeddingTable",
    "EntireSpaceModel",
    "GateLevel",
    "MultiTaskModel",
    "MultiTaskOutput",
    "TransferModel",
    "build_model",
    "row_shares",
    "task_losses",
]
