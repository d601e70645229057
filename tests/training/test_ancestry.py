"""Where the first value came from that is no number: one planted at each place is found there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from mmoe_core.config import CGC, PLE, MMoE, ModelConfig, OneGate, TaskSpec
from mmoe_core.errors import LabError, TrainingError
from mmoe_core.models import build_model
from mmoe_core.training import Checkpoint, TrainingState, fit
from mmoe_core.training.ancestry import ORIGINS
from tests.training.tiny import TASKS, TinyDataset, tiny_config, tiny_dataset

WIDTHS = {"embedding_size": 4, "expert_widths": (6, 5), "default_tower_widths": (4,)}
TWO_LAYERS = MMoE(num_experts=3, **WIDTHS)


def failure(
    plant: Callable[[dict[str, torch.Tensor]], None] = lambda tensors: None,
    *,
    model: ModelConfig = TWO_LAYERS,
    dataset: TinyDataset | None = None,
    **train: object,
) -> TrainingError:
    """What a run says whose untrained state something is planted in."""
    dataset = dataset or tiny_dataset()
    config = tiny_config(model, threads_ahead=0, **train)
    untrained = next(event for event in fit(config, tiny_dataset()) if isinstance(event, Checkpoint)).state
    plant(untrained.tensors)
    with pytest.raises(TrainingError) as raised:
        list(fit(config, dataset, resume_from=TrainingState(untrained.tensors, untrained.counters)))
    assert raised.value.values["origin"] in ORIGINS
    assert str(LabError.from_json(raised.value.to_json())) == str(raised.value)
    return raised.value


def found(error: TrainingError) -> tuple[object, object]:
    return error.values["origin"], error.values["name"]


def planted(name: str, place: tuple[int, ...], value: float = math.nan) -> Callable[[dict[str, torch.Tensor]], None]:
    def plant(tensors: dict[str, torch.Tensor]) -> None:
        tensors[f"model/{name}"][place] = value

    return plant


@pytest.mark.parametrize(
    ("plant", "origin"),
    [
        (planted("table.weight", (slice(13, 36),)), ("a weight of the embedding table", "item")),
        (planted("experts.0.weights_MOI.0", (1, 2, 3)), ("a weight of an expert", "E2 · 1/2")),
        (planted("experts.0.biases_MO.1", (2, 0), math.inf), ("a weight of an expert", "E3 · 2/2")),
        (planted("experts.0.weights_MOI.0", (1,), 3e38), ("what an expert says", "E2 · 1/2")),
        (planted("gates.0.weights_PI", (4, 0)), ("a weight of a gate", "purchase")),
        (planted("gates.0.weights_PI", (4,), 3e38), ("what a gate says", "purchase")),
        (planted("towers.banks.0.weights_MOI.0", (0, 1, 1)), ("a weight of a tower", "click · 1/2")),
        (planted("towers.banks.0.weights_MOI.1", (1,), 3e38), ("what a tower says", "purchase · 2/2")),
    ],
)
def test_what_is_planted_in_a_network_is_found_on_the_way_to_its_losses(
    plant: Callable[[dict[str, torch.Tensor]], None], origin: tuple[str, str]
) -> None:
    error = failure(plant)
    assert found(error) == origin
    assert error.values["step"] == 1


def test_a_mixture_can_overflow_while_all_that_it_mixes_is_finite() -> None:
    def plant(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model/experts.0.biases_MO.1"].fill_(torch.finfo(torch.float32).max)
        tensors["model/gates.0.weights_PI"].zero_()

    assert found(failure(plant, model=MMoE(num_experts=6, **WIDTHS)))[0] == "a mixture"


@pytest.mark.parametrize(
    ("what", "origin"), [("dense_ND", ("a value of a row", "price")), ("labels_NT", ("a label", "click"))]
)
def test_what_is_planted_in_rows_is_found_there(what: str, origin: tuple[str, str]) -> None:
    clean = tiny_dataset()
    train = clean.split("train")
    values = getattr(train, what).copy()
    values[5, 0] = np.nan
    dataset = TinyDataset(clean.schema, {**clean.splits, "train": replace(train, **{what: values})})
    assert found(failure(dataset=dataset)) == origin


def test_a_loss_can_overflow_while_its_scores_are_finite() -> None:
    tasks = (*TASKS, TaskSpec(name="dwell", kind="regression"))
    clean = tiny_dataset(tasks)
    train = clean.split("train")
    labels_NT = train.labels_NT.copy()
    labels_NT[:, 2] = 1e30
    dataset = TinyDataset(clean.schema, {**clean.splits, "train": replace(train, labels_NT=labels_NT)})
    with pytest.raises(TrainingError) as raised:
        list(fit(tiny_config(TWO_LAYERS), dataset))
    assert found(raised.value) == ("a loss", "dwell")


def test_a_gradient_can_overflow_while_all_losses_are_finite() -> None:
    def plant(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model/towers.banks.0.weights_MOI.1"][0] = 1e25
        tensors["model/towers.banks.0.weights_MOI.0"][0] = 1e25
        tensors["model/towers.banks.0.biases_MO.0"][0] = 1e-30
        for layer in range(2):
            tensors[f"model/experts.0.weights_MOI.{layer}"].zero_()

    error = failure(plant)
    assert str(error.values["origin"]).startswith("a gradient into")
    assert str(error.values["name"]).startswith("click →")


@pytest.mark.parametrize("model", [OneGate(num_experts=3, **WIDTHS), CGC(**WIDTHS), PLE(**WIDTHS)])
def test_every_architectures_gates_are_followed(model: ModelConfig) -> None:
    origin, name = found(failure(planted("gates.0.weights_PI", (0, 0)), model=model))
    assert origin == "a weight of a gate"
    assert "click" in str(name)
    assert str(name).startswith("1.") == isinstance(model, PLE)


def test_gates_that_dropout_shuts_are_no_lost_values() -> None:
    plant = planted("towers.banks.0.weights_MOI.0", (0, 0, 0))
    model = MMoE(num_experts=3, gate_dropout=0.5, **WIDTHS)
    assert found(failure(plant, model=model)) == ("a weight of a tower", "click · 1/2")


def test_scores_on_validation_rows_name_their_origin_too() -> None:
    clean = tiny_dataset()
    validation = clean.split("validation")
    dense_ND = validation.dense_ND.copy()
    dense_ND[3, 0] = np.inf
    dataset = TinyDataset(clean.schema, {**clean.splits, "validation": replace(validation, dense_ND=dense_ND)})
    with pytest.raises(TrainingError, match="on the validation split") as raised:
        list(fit(tiny_config(TWO_LAYERS), dataset))
    assert found(raised.value) == ("a value of a row", "price")


def test_a_run_that_explodes_says_where() -> None:
    train = {"optimizer": "sgd", "learning_rate": 10, "task_weights": {"click": 10_000.0}, "snapshot_every": 1000}
    with pytest.raises(TrainingError) as raised:
        list(fit(tiny_config(TWO_LAYERS, **train), tiny_dataset()))
    assert raised.value.values["origin"] in ORIGINS


def test_a_finite_run_is_never_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    import mmoe_core.training.ancestry as ancestry

    monkeypatch.setattr(ancestry, "follow", None)
    assert build_model(TWO_LAYERS, tiny_dataset().schema, seed=1) is not None
    assert list(fit(tiny_config(TWO_LAYERS, epochs=1), tiny_dataset()))
