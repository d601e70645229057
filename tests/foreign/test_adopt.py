"""A network of torch-rechub as a run here: same scores, same gates, and every misfit named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from mmoe_core.data import Dataset, prepare, probe_rows
from mmoe_core.errors import ConfigError, ForeignError
from mmoe_core.foreign import adopt
from mmoe_core.records import EndRecord, GateSnapshot
from mmoe_core.runs import RunRow, Store, read_checkpoint
from tests.foreign.conftest import DATA, Save, columns, features_of, network

REVERSED = ("purchase", "click")


def adopted(their: nn.Module, save: Save, **words: object) -> RunRow:
    fields = [feature.name for feature in their.embedding.features]
    return adopt(save(their.state_dict(), fields), "torch-rechub", DATA, **words)  # type: ignore[arg-type]


def predictions(row: RunRow) -> pd.DataFrame:
    return pd.read_parquet(Store().run_folder(row.run_id) / "predictions.parquet")


def test_its_scores_of_the_test_rows_are_torch_rechubs(dataset: Dataset, save: Save) -> None:
    their = network("mmoe", features_of(dataset))
    row = adopted(their, save)
    assert (row.state, row.name) == ("finished", "torch-rechub: model.safetensors")
    scores = predictions(row)[["score:click", "score:purchase"]].to_numpy()
    np.testing.assert_allclose(scores, their(columns(dataset, "test")).detach(), atol=1e-6)


def test_its_gates_are_on_show_beside_those_of_a_fresh_network(dataset: Dataset, save: Save) -> None:
    their = network("mmoe", features_of(dataset))
    row, store = adopted(their, save), Store()
    x_BD = their.embedding(columns(dataset, "validation"), their.features, squeeze_dim=True)
    expected_BRE = torch.stack([gate(x_BD) for gate in their.gates], dim=1).detach().numpy()
    rows_B = probe_rows(dataset, row.config.train.probe_rows)
    (best_BRE,), (fresh_BRE,) = store.probe_gates(row.run_id), store.probe_gates(row.run_id, 0)
    np.testing.assert_allclose(best_BRE, expected_BRE[rows_B], atol=1e-6)
    assert np.abs(fresh_BRE - best_BRE).max() > 0.05
    untrained, trained = store.snapshots(row.run_id)
    assert (untrained.step, trained.step) == (0, 1)
    (end,) = store.records(row.run_id, ["end"])
    assert isinstance(end, EndRecord)
    assert isinstance(trained, GateSnapshot)
    assert end.gates.levels == trained.levels
    assert end.metrics["click"].auc is not None


def test_its_checkpoint_holds_the_weights(dataset: Dataset, save: Save) -> None:
    their = network("mmoe", features_of(dataset))
    row = adopted(their, save)
    state = read_checkpoint(Store().run_folder(row.run_id), "final")
    for group in ("model", "best"):
        torch.testing.assert_close(
            state.tensors[f"{group}/experts.0.weights_MOI.1"][2], their.state_dict()["experts.2.mlp.4.weight"]
        )


@pytest.mark.parametrize("kind", ["mmoe", "shared_bottom", "cgc", "ple", "aitm"])
def test_what_a_network_was_built_with_is_seen_by_its_tensors(dataset: Dataset, save: Save, kind: str) -> None:
    their = network(kind, features_of(dataset))
    row = adopted(their, save)
    assert row.config.model.kind == kind
    scores = predictions(row)[["score:click", "score:purchase"]].to_numpy()
    np.testing.assert_allclose(scores, their(columns(dataset, "test")).detach(), atol=1e-6)


@pytest.mark.parametrize("kind", ["mmoe", "ple"])
def test_fields_and_tasks_may_stand_in_another_order(dataset: Dataset, save: Save, kind: str) -> None:
    their = network(kind, features_of(dataset)[::-1])
    scores = predictions(adopted(their, save, tasks=REVERSED))[["score:purchase", "score:click"]].to_numpy()
    np.testing.assert_allclose(scores, their(columns(dataset, "test")).detach(), atol=1e-6)


def test_each_missing_extra_and_ill_shaped_tensor_is_named_and_no_run_is_made(dataset: Dataset, save: Save) -> None:
    tensors = network("mmoe", features_of(dataset)).state_dict()
    del tensors["experts.1.mlp.0.bias"], tensors["towers.0.mlp.4.weight"]
    tensors["gates.0.mlp.0.weight"] = torch.zeros(3, 4)
    tensors["gates.1.mlp.1.running_var"] = torch.tensor(1.0)
    tensors["mystery"] = torch.zeros(2)
    with pytest.raises(ForeignError) as refused:
        adopt(save(tensors), "torch-rechub", DATA)
    said = str(refused.value)
    assert said.startswith("5 of the tensors do not fit")
    for fault in (
        "experts.1.mlp.0.bias is missing (here 7)",
        "towers.0.mlp.4.weight is missing (here 1×6)",
        "gates.0.mlp.0.weight is 3×4, here 3×",
        "gates.1.mlp.1.running_var is one number, here 3",
        "mystery (2) has no place here",
    ):
        assert fault in said
    assert Store().rows() == []


def test_numbers_that_are_none_are_refused(dataset: Dataset, save: Save) -> None:
    tensors = network("mmoe", features_of(dataset)).state_dict()
    tensors["experts.0.mlp.0.bias"][2] = torch.nan
    with pytest.raises(ForeignError, match=r"experts\.0\.mlp\.0\.bias hold numbers that are infinite or none at all"):
        adopt(save(tensors), "torch-rechub", DATA)


def test_other_fields_other_tasks_and_unknown_networks_are_refused(dataset: Dataset, save: Save) -> None:
    tensors = network("mmoe", features_of(dataset)).state_dict()
    with pytest.raises(ForeignError, match=r"Missing there: .*; unknown here: price"):
        adopt(save(tensors, ["price"]), "torch-rechub", DATA)
    with pytest.raises(ForeignError, match="The tasks are to be click, like, but the dataset has click, purchase"):
        adopt(save(tensors), "torch-rechub", DATA, tasks=("click", "like"))
    with pytest.raises(ForeignError, match="no network of deepctr-torch that could be adopted"):
        adopt(save(tensors), "deepctr-torch", DATA)
    with pytest.raises(ConfigError, match=r"model\.num_experts is 0"):
        adopt(save(tensors), "torch-rechub", DATA, settings={"model.num_experts": "0"})
    aitm = network("aitm", features_of(dataset)).state_dict()
    with pytest.raises(ForeignError, match="AITM hands on from task to task in their order"):
        adopt(save(aitm), "torch-rechub", DATA, tasks=REVERSED)
    assert prepare(DATA).name == dataset.name
    assert Store().rows() == []


def test_it_is_found_among_the_runs(dataset: Dataset, save: Save, home: Path) -> None:
    row = adopted(network("ple", features_of(dataset)), save, name="theirs")
    assert [found.name for found in Store().rows()] == ["theirs"]
    assert (home / "runs" / row.run_id / "predictions.parquet").is_file()
    assert len(Store().probe_gates(row.run_id)) == 2
