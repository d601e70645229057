"""A small dataset, and torch-rechub's networks for it, as if they had been trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch_rechub.basic.features import DenseFeature, SparseFeature
from torch_rechub.models.multi_task import AITM, ESMM, MMOE, PLE, SharedBottom

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import Dataset, prepare

Save = Callable[..., Path]
DATA = SimulatedAliCcp(num_rows=1_000)
TASKS = ["classification"] * 2
TOWERS = [{"dims": [6]}, {"dims": [6]}]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def dataset(home: Path) -> Dataset:
    del home
    return prepare(DATA)


def features_of(dataset: Dataset) -> list[SparseFeature | DenseFeature]:
    """Ids counted as ours are, the reserved ones included."""
    sparse = [SparseFeature(field.name, field.vocabulary_size, 3) for field in dataset.schema.id_fields]
    return sparse + [DenseFeature(field.name) for field in dataset.schema.value_fields]


def network(kind: str, features: Sequence[SparseFeature | DenseFeature], seed: int = 1) -> nn.Module:
    """With weights large enough to matter."""
    torch.manual_seed(seed)
    built: nn.Module
    match kind:
        case "mmoe":
            built = MMOE(features, TASKS, 3, {"dims": [7, 5]}, TOWERS)
        case "shared_bottom":
            built = SharedBottom(features, TASKS, {"dims": [7, 5]}, TOWERS)
        case "cgc":
            built = PLE(features, TASKS, 1, 2, 1, {"dims": [5]}, TOWERS)
        case "ple":
            built = PLE(features, TASKS, 2, 1, 2, {"dims": [5]}, TOWERS)
        case "aitm":
            built = AITM(features, 2, {"dims": [7, 5]}, TOWERS)
        case _:
            built = ESMM(features[:2], features[2:], {"dims": [7, 5, 6]}, {"dims": [7, 5, 6]})
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return built.eval()


def columns(dataset: Dataset, split: str) -> dict[str, torch.Tensor]:
    """A split's rows in torch-rechub's words."""
    rows, schema = dataset.split(split), dataset.schema  # type: ignore[arg-type]
    ids = zip(schema.id_fields, schema.offsets, strict=True)
    found = {field.name: rows.ids_NF[:, place] - offset for place, (field, offset) in enumerate(ids)}
    found |= {field.name: rows.dense_ND[:, place] for place, field in enumerate(schema.value_fields)}
    return {name: torch.tensor(column) for name, column in found.items()}


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes tensors as the documented lines do."""

    def written(tensors: dict[str, torch.Tensor], fields: Sequence[str] | None = None) -> Path:
        file = tmp_path / "model.safetensors"
        whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(whole, file, metadata=None if fields is None else {"fields": json.dumps(list(fields))})
        return file

    return written
