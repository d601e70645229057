"""Networks of every kind on a few rows in memory, as the lens is given them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from mmoe_core.analysis.lens.network import Network
from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    MMoE,
    ModelConfig,
    MultiLevelMMoE,
    OneGate,
    RunConfig,
    SharedBottom,
    Single,
)
from mmoe_core.data import Dataset, Manifest, Scaling
from mmoe_core.models import build_model
from tests.training.tiny import TinyDataset, tiny_dataset

__all__ = ["KINDS", "network"]

SMALL: Mapping[str, Any] = {
    "embedding_size": 3,
    "expert_widths": (6, 4),
    "tower_widths": {"click": (5,), "purchase": (5,)},
}
KINDS: tuple[ModelConfig, ...] = (
    Single(**SMALL),
    SharedBottom(**SMALL),
    OneGate(**SMALL, num_experts=3),
    MMoE(**SMALL, num_experts=3),
    MMoE(**SMALL, num_experts=3, norm="layer", gate_temperature=0.5),
    MMoE(**SMALL, num_experts=3, norm="batch", gate_norm="batch"),
    MultiLevelMMoE(**SMALL, num_experts=3),
    CGC(**SMALL),
    PLE(**SMALL),
    ESMM(**SMALL),
    AITM(**SMALL),
)


@dataclass(frozen=True)
class Described(TinyDataset):
    """The tiny rows with what a dataset on disk knows besides."""

    name: str = "tiny"

    @property
    def manifest(self) -> Manifest:
        return Manifest(
            source="drawn",
            created="",
            rows={},
            positives={},
            checksums={},
            scaling={"price": Scaling(shift=2, scale=4)},
        )

    def vocabulary(self, field: str) -> np.ndarray:
        size = next(one.vocabulary_size for one in self.schema.id_fields if one.name == field)
        return np.array(["padding", "missing", "rare", *(f"{field} {code}" for code in range(size - 3))])


def network(config: ModelConfig, *, seed: int = 1) -> Network:
    """An untrained network whose numbers are far from where they begin, so that nothing cancels by chance."""
    tiny = tiny_dataset()
    dataset = Described(tiny.schema, tiny.splits)
    model = build_model(config, dataset.schema, seed=seed).eval()
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point() and tensor.isfinite().all():
                tensor += torch.rand(tensor.shape, generator=draw) * 0.5
    return Network(model, RunConfig(model=config), cast(Dataset, dataset))
