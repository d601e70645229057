"""Several processes train as one: real ones, on the loopback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import MMoE
from mmoe_core.kernels import merge_rows
from mmoe_core.records import SetLearningRate, SetTaskWeights, StepRecord, Stop
from mmoe_core.training import Checkpoint, Event, Finished, fit
from tests.training.ranks import Wishes, train_together
from tests.training.tiny import TinyDataset, comparable, tiny_config, tiny_dataset

TOLERANCE = 1e-4  # float32 sums in another order


def assert_close(one: Event, other: Event) -> None:
    """The same event, but for rounding."""
    assert type(one) is type(other)
    match one, other:
        case (Checkpoint(), Checkpoint()) | (Finished(), Finished()):
            assert_values_close(one.record.model_dump(), other.record.model_dump())
            for name, tensor in one.state.tensors.items():
                assert tensor.double().numpy() == pytest.approx(
                    other.state.tensors[name].double().numpy(), rel=TOLERANCE, abs=1e-5
                ), name
            for mine, theirs in zip(one.probe_gates_BRE, other.probe_gates_BRE, strict=True):
                assert mine == pytest.approx(theirs, rel=TOLERANCE)
        case _:
            assert_values_close(one.model_dump(), other.model_dump())


def assert_values_close(one: object, other: object) -> None:
    match one:
        case dict():
            for name in one.keys() - {"elapsed_s", "histogram_REK"}:  # a row may fall into the next bin
                assert_values_close(one[name], other[name])
        case list() | tuple():
            for mine, theirs in zip(one, other, strict=True):
                assert_values_close(mine, theirs)
        case float():
            assert one == pytest.approx(other, rel=TOLERANCE, abs=1e-5)
        case _:
            assert one == other


def seldom_observed(dataset: TinyDataset) -> TinyDataset:
    """The second task is observed on few rows: in most batches by some ranks only, in some by none."""
    draw = np.random.default_rng(3)

    def of(split: object) -> object:
        observed_NT = split.observed_NT.copy()
        observed_NT[:, 1] = draw.random(len(observed_NT)) < 0.06
        return replace(split, observed_NT=observed_NT)

    return TinyDataset(dataset.schema, {name: of(split) for name, split in dataset.splits.items()})


def test_two_processes_train_as_one_and_their_replicas_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    config, dataset = tiny_config(patience=1, epochs=4), tiny_dataset()
    first, second = train_together(tmp_path, config, dataset)
    assert list(map(comparable, first)) == list(map(comparable, second))
    for alone, together in zip(fit(config, dataset), first, strict=True):
        assert_close(alone, together)


def test_ranks_without_rows_tasks_that_few_observe_and_clipping_make_no_difference(tmp_path: Path) -> None:
    dataset = seldom_observed(tiny_dataset(num_rows=289))  # the last batch has one row for three ranks
    config = tiny_config(clip_norm=0.05, epochs=2, weight_decay=0.01, threads_ahead=0, probe_rows=2)
    said = train_together(tmp_path, config, dataset, count=3)
    assert len({str(list(map(comparable, events))) for events in said}) == 1
    for alone, together in zip(fit(config, dataset), said[0], strict=True):
        assert_close(alone, together)


def test_what_rank_0_hears_takes_effect_on_all_in_the_same_step(tmp_path: Path) -> None:
    wishes = {
        1: [SetLearningRate(learning_rate=0.02)],
        7: [SetTaskWeights(task_weights={"click": 3.0}), SetLearningRate(learning_rate=0.002)],
        13: [Stop()],
    }
    config, dataset = tiny_config(), tiny_dataset()
    first, second = train_together(tmp_path, config, dataset, wishes=wishes)
    assert list(map(comparable, first)) == list(map(comparable, second))
    for alone, together in zip(fit(config, dataset, controls=Wishes(wishes)), first, strict=True):
        assert_close(alone, together)
    assert first[-1].record.reason == "stopped"


def test_two_processes_resume_bit_by_bit_also_with_dropout(tmp_path: Path) -> None:
    model = MMoE(embedding_size=4, num_experts=3, expert_widths=(6,), default_tower_widths=(4,), expert_dropout=0.3)
    config, dataset = tiny_config(model, epochs=2), tiny_dataset()
    (tmp_path / "again").mkdir()
    whole, peer = train_together(tmp_path, config, dataset)
    assert list(map(comparable, whole)) == list(map(comparable, peer))
    at = next(place for place, event in enumerate(whole) if isinstance(event, Checkpoint) and event.record.epoch == 1)
    rest, _ = train_together(tmp_path / "again", config, dataset, resume_from=whole[at].state)
    assert list(map(comparable, rest)) == list(map(comparable, whole[at + 1 :]))
    losses = [event.task_losses["click"] for event in whole if isinstance(event, StepRecord)]
    assert len(set(losses)) == len(losses) == 20


def test_merged_rows_are_each_ids_sum() -> None:
    draw = np.random.default_rng(1)
    for num_a, num_b in ((0, 0), (5, 0), (0, 4), (40, 60), (1, 200)):
        ids = [np.sort(draw.choice(300, size, replace=False)).astype(np.int32) for size in (num_a, num_b)]
        rows = [draw.normal(size=(size, 3)).astype(np.float32) for size in (num_a, num_b)]
        found_ids, found_rows = merge_rows(ids[0], rows[0], ids[1], rows[1])
        wanted = np.zeros((300, 3), np.float32)
        for of, what in zip(ids, rows, strict=True):
            wanted[of] += what
        assert found_ids.tolist() == sorted({*ids[0].tolist(), *ids[1].tolist()})
        assert (found_rows == wanted[found_ids]).all()
