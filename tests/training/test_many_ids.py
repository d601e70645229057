"""Training on fields with several ids and on fields that are kept once per session."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from mmoe_core.config import IdField, MMoE, Schema, TaskSpec, ValueField
from mmoe_core.data import Split, SplitName
from mmoe_core.training import Checkpoint, Event, Finished, fit
from mmoe_core.training.batches import Batch, each_batch, shuffled_batches
from tests.training.tiny import TinyDataset, comparable, tiny_config, tiny_dataset

NUM_TOPICS, MOST_TOPICS = 12, 4
SCHEMA = Schema(
    id_fields=(
        IdField(name="history", vocabulary_size=3 + NUM_TOPICS, num_tokens=3, per_session=True),
        IdField(name="item", vocabulary_size=9),
        IdField(name="topics", vocabulary_size=3 + NUM_TOPICS, num_tokens=MOST_TOPICS),
    ),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"), TaskSpec(name="purchase")),
)


def many_ids(num_rows: int = 1500, seed: int = 3) -> TinyDataset:
    """Both labels depend on the weighted mean of what a row's topics are worth."""
    draw = np.random.default_rng(seed)
    worth = draw.normal(scale=3, size=(3 + NUM_TOPICS, 2))

    def split(name: SplitName, rows: int) -> Split:
        topics = draw.integers(3, 3 + NUM_TOPICS, (rows, MOST_TOPICS))
        weights = draw.random((rows, MOST_TOPICS)) + 0.1
        is_there = np.arange(MOST_TOPICS) < draw.integers(1, MOST_TOPICS + 1, (rows, 1))
        topics, weights = topics * is_there, weights * is_there
        shares = weights / weights.sum(axis=1, keepdims=True)
        utility_NT = (worth[topics] * shares[..., None]).sum(axis=1)
        items = draw.integers(3, 9, (rows, 1))
        sessions = rows // 10
        offsets = SCHEMA.offsets
        return Split(
            name=name,
            schema=SCHEMA,
            ids_NF=np.concatenate([items + offsets[1], topics + offsets[2]], axis=1).astype(np.int32),
            weights_NF=np.concatenate([np.ones((rows, 1)), weights], axis=1).astype(np.float32),
            sessions_N=(np.arange(rows) // 10).clip(max=sessions - 1).astype(np.int32),
            session_ids_SC=draw.integers(3, 3 + NUM_TOPICS, (sessions, 3)).astype(np.int32),
            session_weights_SC=np.ones((sessions, 3), np.float32),
            dense_ND=draw.normal(size=(rows, 1)).astype(np.float32),
            labels_NT=(draw.random((rows, 2)) < 1 / (1 + np.exp(-utility_NT))).astype(np.float32),
            observed_NT=np.ones((rows, 2), dtype=bool),
            truth_NT=1 / (1 + np.exp(-utility_NT)),
        )

    return TinyDataset(
        SCHEMA, {"train": split("train", num_rows), "validation": split("validation", 200), "test": split("test", 400)}
    )


def _itself(batch: Batch) -> Batch:
    return batch


def test_a_batch_carries_the_weights_and_what_the_session_holds() -> None:
    split = many_ids().split("test")
    (first, touched), *_ = shuffled_batches(split, 16, seed=1, epoch=1)
    assert first.weights_BK is not None
    assert first.ids_BK.shape == first.weights_BK.shape == (16, SCHEMA.num_id_columns)
    assert touched.ids_U.tolist() == first.ids_BK[first.weights_BK > 0].unique().tolist()
    rows = np.array([70, 3, 199])
    (chosen,) = each_batch(split.pick(rows), 16, _itself)
    assert split.session_ids_SC is not None
    np.testing.assert_array_equal(chosen.ids_BK[:, :3].numpy(), split.session_ids_SC[rows // 10])
    np.testing.assert_array_equal(chosen.ids_BK[:, 3:].numpy(), split.ids_NF[rows])
    np.testing.assert_array_equal(chosen.labels_BT.numpy(), split.labels_NT[rows])


def test_a_batch_of_single_ids_carries_none() -> None:
    (first, *_) = each_batch(tiny_dataset().split("test"), 16, _itself)
    assert first.weights_BK is None


def test_the_network_learns_from_the_weighted_mean() -> None:
    *_, last = fit(tiny_config(MMoE(embedding_size=4), epochs=8, learning_rate=0.02, batch_size=64), many_ids())
    assert isinstance(last, Finished)
    for metrics in last.record.metrics.values():
        assert metrics.expected_auc is not None
        assert metrics.oracle_auc is not None
        assert (metrics.expected_auc - 0.5) / (metrics.oracle_auc - 0.5) > 0.7


def test_gradients_of_the_tasks_are_compared_on_pooled_rows() -> None:
    events: Sequence[Event] = list(fit(tiny_config(epochs=1, batch_size=256), many_ids()))
    first = next(event for event in events if type(event).__name__ == "StepRecord")
    assert first.gradient_norms is not None
    assert all(norm > 0 for norm in first.gradient_norms.values())
    assert first.gradient_cosine is not None


def test_a_resumed_run_says_the_same() -> None:
    config, dataset = tiny_config(epochs=3, batch_size=256), many_ids()
    whole = list(fit(config, dataset))
    first_epoch = [event for event in whole if isinstance(event, Checkpoint)][1]
    resumed = list(fit(config, dataset, resume_from=first_epoch.state))
    assert list(map(comparable, resumed)) == list(map(comparable, whole[-len(resumed) :]))
    assert torch.get_num_threads() == config.train.num_threads
