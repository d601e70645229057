"""Tasks that are numbers, on rows without any id."""

from __future__ import annotations

import pytest

from mmoe_core.config import MMoE, MmoePaper, RunConfig, TrainConfig, sizes
from mmoe_core.data import Dataset, prepare
from mmoe_core.models import build_model
from mmoe_core.training import Checkpoint, Finished, fit

DATA = MmoePaper(num_rows=2_000, num_features=6, num_waves=2)
MODEL = MMoE(num_experts=4)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(DATA, home=tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
def test_a_network_without_embeddings_learns_numbers_and_keeps_the_epoch_of_least_error(
    dataset: Dataset, optimizer: str
) -> None:
    train = TrainConfig(optimizer=optimizer, learning_rate=0.03, batch_size=128, epochs=4)
    events = list(fit(RunConfig(data=DATA, model=MODEL, train=train), dataset))
    epochs = [event.record for event in events if isinstance(event, Checkpoint)]
    (end,) = [event.record for event in events if isinstance(event, Finished)]
    error = {epoch.epoch: sum(task.rmse for task in epoch.metrics.values()) for epoch in epochs}
    trained = {epoch: total for epoch, total in error.items() if epoch > 0}
    assert end.best_epoch == min(trained, key=trained.__getitem__)
    assert error[end.best_epoch] < error[0]
    for task in end.metrics.values():
        assert (task.kind, task.auc, task.positives, task.oracle_auc) == ("regression", None, None, None)
        assert task.rmse == pytest.approx(task.loss**0.5)
        assert 0 < task.r2 < 1


def test_without_ids_the_table_is_empty_and_counted_so(dataset: Dataset) -> None:
    model = build_model(MODEL, dataset.schema, seed=1)
    counted = sizes(MODEL, dataset.schema)
    assert model.table.weight.numel() == counted.embedding == 0
    assert counted.input_width == 6
    assert counted.total == sum(parameter.numel() for parameter in model.parameters())


def test_it_resumes_where_it_was(dataset: Dataset) -> None:
    config = RunConfig(data=DATA, model=MODEL, train=TrainConfig(batch_size=256, epochs=2))
    whole = list(fit(config, dataset))
    first = next(event for event in whole if isinstance(event, Checkpoint) and event.record.epoch == 1)
    (resumed,) = [event for event in fit(config, dataset, resume_from=first.state) if isinstance(event, Finished)]
    (straight,) = [event for event in whole if isinstance(event, Finished)]
    assert resumed.record.metrics == straight.record.metrics
