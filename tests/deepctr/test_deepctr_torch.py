"""DeepCTR-Torch's networks and ours, weights copied: equal outputs and gradients, in double precision.

Its ESMM has one bias for two scores, so that the gradient into it is the sum of those into our two. Its PLE has as many
shared experts as a task has of its own, so that no more can be used.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from deepctr_torch import models as theirs
from deepctr_torch.inputs import DenseFeat, SparseFeat
from safetensors.torch import save_file
from torch import Tensor, nn

from mmoe_core.config import ESMM, PLE, MMoE, ModelConfig, SimulatedAliCcp
from mmoe_core.data import prepare
from mmoe_core.errors import ForeignError
from mmoe_core.foreign import LIBRARIES, adopt, copy_pieces, input_order
from mmoe_core.models import MultiTaskModel, build_model, row_shares, task_losses
from mmoe_core.runs import Store
from tests.parity.rows import Rows, needs_sample, random_rows, sample_rows
from tests.parity.test_torch_rechub import gradients_as_weights, probabilities

DEEPCTR = LIBRARIES["deepctr-torch"]
EMBEDDING, EXPERT, TOWER = 4, (16, 12), (8,)
WIDTHS: dict[str, Any] = {"embedding_size": EMBEDDING, "expert_widths": EXPERT, "default_tower_widths": TOWER}
CONFIGS: dict[str, ModelConfig] = {
    "MMOE": MMoE(num_experts=5, **WIDTHS),
    "MMOE with batch norm": MMoE(num_experts=5, norm="batch", **WIDTHS),
    "PLE": PLE(num_levels=3, num_task_experts=2, num_shared_experts=2, **WIDTHS),
    "PLE with experts to spare": PLE(num_levels=2, num_task_experts=3, num_shared_experts=1, **WIDTHS),
    "ESMM": ESMM(**WIDTHS),
}
every_network = pytest.mark.parametrize("name", list(CONFIGS))
CLOSE: dict[str, float] = {"rtol": 0, "atol": 1e-9}


def columns_of(rows: Rows) -> list[SparseFeat | DenseFeat]:
    sparse = [
        SparseFeat(field.name, vocabulary_size=rows.vocabulary(field.name), embedding_dim=EMBEDDING)
        for field in rows.schema.id_fields
    ]
    return sparse + [DenseFeat(field.name, 1) for field in rows.schema.value_fields]


def network(name: str, columns: list[SparseFeat | DenseFeat], seed: int = 1) -> nn.Module:
    """In double precision, with every weight large enough to matter; it starts with experts near nothing."""
    config = CONFIGS[name]
    built: nn.Module
    layers = {"expert_dnn_hidden_units": EXPERT, "gate_dnn_hidden_units": (), "tower_dnn_hidden_units": TOWER}
    match config:
        case MMoE():
            built = theirs.MMOE(columns, config.num_experts, dnn_use_bn=config.norm == "batch", **layers)
        case PLE():
            counts = (config.num_shared_experts, config.num_task_experts, config.num_levels)
            built = theirs.PLE(columns, *counts, **layers)
        case _:
            built = theirs.ESMM(columns, tower_dnn_hidden_units=(*EXPERT, *TOWER))
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in built.double().parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return built


def matrix(their: nn.Module, rows: Rows) -> Tensor:
    """Its input: one matrix of all columns, in its own order."""
    return torch.stack([rows.theirs[field].double() for field in their.feature_index], dim=1)


def twin(config: ModelConfig, rows: Rows, their: nn.Module, tasks: tuple[int, ...] = (0, 1)) -> MultiTaskModel:
    """Our network with their weights."""
    model = build_model(config, rows.schema, seed=9).double()
    pieces = DEEPCTR.pieces(model, config, rows.schema, tasks, as_given=True)
    order_D = input_order(rows.schema, EMBEDDING, list(their.feature_index))
    copy_pieces(pieces, their.state_dict(), order_D, DEEPCTR.spare(config))
    return model


def assert_same_gradients(config: ModelConfig, model: MultiTaskModel, their: nn.Module, rows: Rows) -> None:
    found: dict[str, Tensor] = defaultdict(lambda: torch.zeros(()))
    pieces = DEEPCTR.pieces(gradients_as_weights(model, rows), config, rows.schema, (0, 1), as_given=True)
    for piece in pieces:
        found[piece.name] = found[piece.name] + piece.place
    spare = DEEPCTR.spare(config)
    expected = {name: p.grad for name, p in their.named_parameters() if not name.endswith(spare)}
    assert {name for name in found if "running" not in name} == expected.keys()
    for name, gradient in expected.items():
        assert gradient is not None
        torch.testing.assert_close(found[name], gradient, rtol=1e-6, atol=1e-9, msg=lambda m, n=name: f"{n}: {m}")


def assert_same_network(name: str, rows: Rows) -> None:
    config = CONFIGS[name]
    their = network(name, columns_of(rows))
    model = twin(config, rows, their)
    shares_NT = row_shares(torch.ones_like(rows.labels_NT, dtype=torch.bool)).double()
    task_losses(model(*rows.ours).scores_BT, rows.labels_NT, shares_NT).sum().backward()
    each = nn.functional.binary_cross_entropy(their(matrix(their, rows)), rows.labels_NT, reduction="none")
    each.mean(dim=0).sum().backward()
    assert_same_gradients(config, model, their, rows)
    torch.testing.assert_close(probabilities(model, rows), their(matrix(their, rows)), **CLOSE)
    model.eval(), their.eval()
    torch.testing.assert_close(probabilities(model, rows), their(matrix(their, rows)), **CLOSE)


@needs_sample
@every_network
def test_on_the_real_sample_outputs_and_gradients_are_deepctr_torchs(name: str) -> None:
    assert_same_network(name, sample_rows())


@every_network
def test_on_random_rows_outputs_and_gradients_are_deepctr_torchs(name: str) -> None:
    assert_same_network(name, random_rows())


@pytest.mark.parametrize("name", ["MMOE", "PLE"])
def test_fields_and_tasks_in_another_order_find_their_places(name: str) -> None:
    rows = random_rows()
    their = network(name, columns_of(rows)[::-1]).eval()
    model = twin(CONFIGS[name], rows, their, tasks=(1, 0)).eval()
    expected = their(matrix(their, rows)).flip(1)
    torch.testing.assert_close(probabilities(model, rows), expected, **CLOSE)


@pytest.mark.parametrize("name", ["MMOE", "MMOE with batch norm", "PLE", "PLE with experts to spare", "ESMM"])
def test_its_network_becomes_a_run_with_its_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    data = SimulatedAliCcp(num_rows=1_000)
    dataset = prepare(data)
    columns: list[SparseFeat | DenseFeat] = [
        SparseFeat(field.name, vocabulary_size=field.vocabulary_size, embedding_dim=EMBEDDING)
        for field in dataset.schema.id_fields
    ]
    columns += [DenseFeat(field.name, 1) for field in dataset.schema.value_fields]
    their = network(name, columns).float().eval()
    tensors = {key: tensor.contiguous() for key, tensor in their.state_dict().items()}
    file = tmp_path / "theirs.safetensors"
    save_file(tensors, file, metadata={"fields": json.dumps(list(their.feature_index))})
    row = adopt(file, "deepctr-torch", data)
    assert row.config.model.kind == CONFIGS[name].kind
    found = pd.read_parquet(Store().run_folder(row.run_id) / "predictions.parquet")
    test, offsets_F = dataset.split("test"), np.array(dataset.schema.offsets)
    inputs = torch.from_numpy(np.concatenate([test.ids_NF - offsets_F, test.dense_ND], axis=1)).float()
    scores = found[["score:click", "score:purchase"]].to_numpy()
    np.testing.assert_allclose(scores, their(inputs).detach().numpy(), atol=1e-6)


def test_a_gate_with_a_network_of_its_own_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    data = SimulatedAliCcp(num_rows=1_000)
    fields = prepare(data).schema.id_fields
    columns = [SparseFeat(f.name, vocabulary_size=f.vocabulary_size, embedding_dim=EMBEDDING) for f in fields]
    save_file(theirs.MMOE(columns, 2, EXPERT, (7,), TOWER).state_dict(), tmp_path / "theirs.safetensors")
    with pytest.raises(ForeignError, match=r"gate_dnn\.0\.linears\.0\.weight .* has no place here"):
        adopt(tmp_path / "theirs.safetensors", "deepctr-torch", data)
    assert Store().rows() == []
