"""Where a network computes. Without a graphics processor, the device that has no memory says where numbers are."""

from __future__ import annotations

import pytest
import torch

from mmoe_core.config import ModelConfig, TrainConfig
from mmoe_core.errors import TrainingError
from mmoe_core.models import build_model, task_losses
from mmoe_core.training import fit
from mmoe_core.training.batches import shuffled_batches
from mmoe_core.training.devices import choose_device
from mmoe_core.training.optimizer import ModelOptimizer
from tests.models.test_architectures import every_kind
from tests.training.tiny import tiny_config, tiny_dataset

META = torch.device("meta")


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
@every_kind
def test_a_whole_step_takes_place_on_the_device(config: ModelConfig, optimizer: str) -> None:
    dataset = tiny_dataset()
    model = build_model(config, dataset.schema, seed=1).to(META)
    moves = ModelOptimizer(model, TrainConfig(optimizer=optimizer, weight_decay=0.1, clip_norm=None))
    batch, touched = next(shuffled_batches(dataset.split("train"), 32, seed=1, epoch=1, device=META))
    output = model(batch.ids_BK, batch.dense_BV, batch.weights_BK)
    losses_T = task_losses(output.scores_BT, batch.labels_BT, batch.shares_BT)
    losses_T.sum().backward()
    gradients = moves.gradients(touched)
    moves.step(gradients, 0.01)
    for there in (output.scores_BT, losses_T, gradients.layers_1P, gradients.table_US, *moves.state().values()):
        assert there.device == META or there.ndim == 0  # a step count stays with the loop
    assert gradients.table_US.shape == (len(touched.ids_U), model.table.size)


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_a_graphics_processor_is_chosen_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device(TrainConfig()).type == chosen
    assert choose_device(TrainConfig(device="cpu")).type == "cpu"
    assert choose_device(TrainConfig(num_processes=2)).type == "cpu"


def test_a_device_that_is_not_there_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match=r"train\.device is cuda, which this machine does not have"):
        next(iter(fit(tiny_config(device="cuda"), tiny_dataset())))
