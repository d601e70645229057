"""The stream of events that `fit` yields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pytest
import torch

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    MMoE,
    ModelConfig,
    MultiLevelMMoE,
    OneGate,
    SharedBottom,
    Single,
    TaskSpec,
    num_steps,
)
from mmoe_core.errors import ConfigError, TrainingError
from mmoe_core.metrics import auc, grouped_auc, js_distance
from mmoe_core.models import MultiTaskModel, MultiTaskOutput, build_model
from mmoe_core.records import (
    ChangeRecord,
    GateSnapshot,
    GradientSnapshot,
    SetLearningRate,
    SetTaskWeights,
    StepRecord,
    Stop,
)
from mmoe_core.training import Checkpoint, Event, fit
from tests.training.tiny import comparable, tiny_config, tiny_dataset

Wish = SetTaskWeights | SetLearningRate | Stop
T = TypeVar("T")


@dataclass(frozen=True)
class Wishes:
    """Controls that ask for something at given steps."""

    at: dict[int, Sequence[Wish]]

    def take(self, step: int) -> Sequence[Wish]:
        return self.at.get(step, ())


def of_type(events: Sequence[Event], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def names(events: Sequence[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_events_come_in_the_promised_order() -> None:
    events = list(fit(tiny_config(epochs=1), tiny_dataset()))  # ten steps; gates every 4, validation every 5
    step, pulls, gates, look = "StepRecord", "GradientSnapshot", "GateSnapshot", "EvaluationRecord"
    assert names(events) == [
        *(gates, "Checkpoint"),
        *(step, pulls, step, step, step, pulls, gates, step, look),
        *(step, step, step, pulls, gates, step, step, look),
        *("Checkpoint", "Finished"),
    ]
    assert [record.step for record in of_type(events, StepRecord)] == list(range(1, 11))
    assert [record.step for record in of_type(events, GateSnapshot)] == [0, 4, 8]
    assert [record.step for record in of_type(events, GradientSnapshot)] == [1, 4, 8]
    assert [(event.record.epoch, event.record.step) for event in of_type(events, Checkpoint)] == [(0, 0), (1, 10)]


def test_the_number_of_steps_is_known_beforehand() -> None:
    for config in (tiny_config(), tiny_config(max_steps=7), tiny_config(batch_size=1000)):
        steps = of_type(list(fit(config, tiny_dataset())), StepRecord)
        assert len(steps) == num_steps(config.train, 300)
        assert sum(step.rows for step in steps if step.epoch == 1) == min(300, len(steps) * config.train.batch_size)


def test_same_seed_same_numbers_and_another_seed_others() -> None:
    one, again, other = (list(map(comparable, fit(tiny_config(seed=seed), tiny_dataset()))) for seed in (1, 1, 2))
    assert one == again
    assert one[2] != other[2]


def test_training_learns() -> None:
    events = list(fit(tiny_config(epochs=10), tiny_dataset(num_rows=600)))
    first, last = of_type(events, Checkpoint)[0].record.metrics, events[-1].record.metrics
    for task in ("click", "purchase"):
        assert abs(first[task].auc - 0.5) < 0.25
        attained = (last[task].expected_auc - 0.5) / (last[task].oracle_auc - 0.5)
        assert 0.7 < attained < 1


@pytest.mark.parametrize("at_epoch", [1, 2])
@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
def test_a_resumed_run_is_bit_identical_to_an_uninterrupted_one(at_epoch: int, optimizer: str) -> None:
    config = tiny_config(optimizer=optimizer, patience=2, weight_decay=1e-3)
    wishes = Wishes({3: [SetTaskWeights(task_weights={"click": 2.0})], 4: [SetLearningRate(learning_rate=0.02)]})
    whole = list(fit(config, tiny_dataset(), controls=wishes))
    checkpoint = of_type(whole, Checkpoint)[at_epoch]
    assert checkpoint.record.epoch == at_epoch
    resumed = list(fit(config, tiny_dataset(), resume_from=checkpoint.state))
    rest = whole[whole.index(checkpoint) + 1 :]
    assert list(map(comparable, resumed)) == list(map(comparable, rest))


def test_a_run_cut_short_inside_an_epoch_goes_on_where_it_was() -> None:
    whole = of_type(list(fit(tiny_config(), tiny_dataset())), StepRecord)
    short = list(fit(tiny_config(max_steps=13), tiny_dataset()))
    resumed = of_type(list(fit(tiny_config(), tiny_dataset(), resume_from=short[-1].state)), StepRecord)
    assert [comparable(step) for step in resumed] == [comparable(step) for step in whole[13:]]


def test_max_steps_ends_with_a_checkpoint_and_a_test() -> None:
    events = list(fit(tiny_config(max_steps=13), tiny_dataset()))
    assert names(events)[-2:] == ["Checkpoint", "Finished"]
    assert (events[-1].record.step, events[-1].record.reason, events[-2].record.epoch) == (13, "completed", 2)


def test_the_last_word_is_about_the_best_weights_not_the_last_ones() -> None:
    """A learning rate that wrecks the network in the third epoch; the second is the best."""
    dataset = tiny_dataset()
    events = list(fit(tiny_config(), dataset, controls=Wishes({21: [SetLearningRate(learning_rate=3.0)]})))
    checkpoints, end = of_type(events, Checkpoint), events[-1]
    means = [np.mean([task.auc for task in event.record.metrics.values()]) for event in checkpoints]
    best = int(np.argmax(means[1:])) + 1
    assert best != 3
    assert [event.record.is_best for event in checkpoints] == [True, True, best == 2, False]
    assert (end.record.best_epoch, end.record.best_step) == (best, 10 * best)
    model = build_model(tiny_config().model, dataset.schema, seed=0)
    prefix = "model/"
    state = checkpoints[best].state.tensors
    model.load_state_dict({name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)})
    test = dataset.split("test")
    scores = torch.sigmoid(model(torch.from_numpy(test.ids_NF), torch.from_numpy(test.dense_ND)).scores_BT).detach()
    np.testing.assert_array_equal(end.scores_NT, scores.numpy())
    assert end.record.metrics["click"].auc == pytest.approx(auc(test.labels_NT[:, 0], scores[:, 0].numpy()))
    by_user = grouped_auc(test.labels_NT[:, 0], scores[:, 0].numpy(), test.ids_NF[:, 0])
    assert end.record.metrics["click"].gauc == pytest.approx(by_user.auc)
    assert end.record.metrics["click"].gauc_users == by_user.users > 3
    assert checkpoints[best].record.metrics["click"].gauc is None  # only the end is judged by all that there is
    for found, expected in zip(end.probe_gates_BRE, checkpoints[best].probe_gates_BRE, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_regression_keeps_the_epoch_of_least_error() -> None:
    dataset = tiny_dataset((TaskSpec(name="stay", kind="regression"),))
    events = list(fit(tiny_config(), dataset, controls=Wishes({21: [SetLearningRate(learning_rate=3.0)]})))
    errors = [event.record.metrics["stay"].rmse for event in of_type(events, Checkpoint)]
    assert events[-1].record.best_epoch == int(np.argmin(errors[1:])) + 1 != 3
    assert events[-1].record.metrics["stay"].auc is None
    assert events[-1].scores_NT.min() < 0  # values, not probabilities


def test_early_stopping_waits_for_its_patience() -> None:
    wrecked = Wishes({11: [SetLearningRate(learning_rate=5.0)], 14: [SetLearningRate(learning_rate=1e-12)]})
    end = list(fit(tiny_config(epochs=50, patience=2), tiny_dataset(), controls=wrecked))[-1].record
    assert (end.reason, end.best_epoch, end.step) == ("early_stopping", 1, 30)


def test_best_by_a_task_follows_that_task_alone() -> None:
    for task in ("click", "purchase"):
        events = list(fit(tiny_config(best_by=task, epochs=8, learning_rate=0.05), tiny_dataset()))
        aucs = [event.record.metrics[task].auc for event in of_type(events, Checkpoint)[1:]]
        assert events[-1].record.best_epoch == int(np.argmax(aucs)) + 1


def test_where_nothing_can_be_judged_the_latest_weights_are_kept() -> None:
    dataset = tiny_dataset()
    validation = dataset.split("validation")
    dataset.splits["validation"] = replace(validation, observed_NT=np.zeros_like(validation.observed_NT))
    assert list(fit(tiny_config(patience=1), dataset))[-1].record.best_epoch == 3


def test_changed_weights_are_recorded_and_felt_in_the_very_next_step() -> None:
    wishes = Wishes({3: [SetTaskWeights(task_weights={"click": 0.0}), SetLearningRate(learning_rate=0.5)]})
    events = list(fit(tiny_config(snapshot_every=1), tiny_dataset(), controls=wishes))
    at = names(events).index("ChangeRecord")
    weights, rate, step = events[at : at + 3]
    assert weights == ChangeRecord(step=3, task_weights={"click": 0.0, "purchase": 1.0})
    assert rate == ChangeRecord(step=3, learning_rate=0.5)
    before = [event for event in events[:at] if isinstance(event, StepRecord)][-1]
    assert isinstance(step, StepRecord)
    assert (before.step, before.task_weights["click"], before.learning_rate) == (2, 1.0, 0.01)
    assert (step.step, step.task_weights["click"], step.learning_rate) == (3, 0.0, 0.5)
    assert before.gradient_norms["click"] > 0
    assert step.gradient_norms["click"] == 0


def test_a_weight_change_leads_the_update_elsewhere_from_its_step_on_and_not_before() -> None:
    plain = of_type(list(fit(tiny_config(), tiny_dataset())), StepRecord)
    wishes = Wishes({3: [SetTaskWeights(task_weights={"click": 50.0})]})
    changed = of_type(list(fit(tiny_config(), tiny_dataset(), controls=wishes)), StepRecord)
    is_equal = [one.task_losses == other.task_losses for one, other in zip(plain, changed, strict=True)]
    assert is_equal[:3] == [True, True, True]  # a step's losses are those before its update
    assert is_equal[3] is False


def test_recorded_changes_replay_the_same_run() -> None:
    wishes = Wishes({3: [SetTaskWeights(task_weights={"click": 9.0})], 12: [SetLearningRate(learning_rate=0.1)]})
    events = list(fit(tiny_config(), tiny_dataset(), controls=wishes))
    again: dict[int, Sequence[Wish]] = {}
    for change in of_type(events, ChangeRecord):
        if change.task_weights is not None:
            again[change.step] = [SetTaskWeights(task_weights=change.task_weights)]
        else:
            again[change.step] = [SetLearningRate(learning_rate=change.learning_rate)]
    replayed = list(fit(tiny_config(), tiny_dataset(), controls=Wishes(again)))
    assert list(map(comparable, replayed)) == list(map(comparable, events))


@pytest.mark.parametrize(("stop_at", "epochs_judged"), [(1, [0]), (11, [0, 1]), (14, [0, 1, 2])])
def test_stop_ends_before_the_step_and_still_tests(stop_at: int, epochs_judged: list[int]) -> None:
    events = list(fit(tiny_config(), tiny_dataset(), controls=Wishes({stop_at: [Stop()]})))
    assert [step.step for step in of_type(events, StepRecord)] == list(range(1, stop_at))
    assert [event.record.epoch for event in of_type(events, Checkpoint)] == epochs_judged
    assert (events[-1].record.reason, events[-1].record.step) == ("stopped", stop_at - 1)


def test_a_loss_that_is_no_number_names_step_task_and_remedy() -> None:
    wishes = Wishes({4: [SetTaskWeights(task_weights={"purchase": 1e4}), SetLearningRate(learning_rate=10.0)]})
    dataset = tiny_dataset((TaskSpec(name="click"), TaskSpec(name="stay", kind="regression")))
    config = tiny_config(optimizer="sgd", epochs=50)
    seen: list[Event] = []
    with pytest.raises(TrainingError, match="Lower the learning rate") as caught:
        seen.extend(fit(config, dataset, controls=wishes))
    assert caught.value.values["step"] > 4
    assert caught.value.values["task"] in ("click", "stay")
    assert caught.value.values["learning_rate"] == 10.0


def test_scores_that_are_no_numbers_after_the_last_step_are_an_error_too() -> None:
    dataset = tiny_dataset((TaskSpec(name="stay", kind="regression"),))
    dataset.split("train").labels_NT[:] *= 1e16  # no loss overflows, but the layers of the updated network do
    with pytest.raises(TrainingError, match="After step 1 the scores"):
        list(fit(tiny_config(optimizer="sgd", learning_rate=10.0, max_steps=1, batch_size=300), dataset))


def test_one_gates_distance_between_tasks_is_exactly_0_and_mmoes_is_not() -> None:
    for kind, is_zero in ((OneGate, True), (MMoE, False)):
        end = list(fit(tiny_config(kind(num_experts=3)), tiny_dataset()))[-1].record
        (level,) = end.gates.levels
        assert (js_distance(*level.mean_RE) == 0.0) is is_zero


def test_shared_bottom_records_gates_of_1() -> None:
    events = list(fit(tiny_config(SharedBottom()), tiny_dataset()))
    assert {snapshot.levels[0].mean_RE for snapshot in of_type(events, GateSnapshot)} == {((1.0,), (1.0,))}


def test_watching_more_often_changes_no_weight() -> None:
    rare = list(fit(tiny_config(snapshot_every=1000, validate_every=1000), tiny_dataset()))[-1]
    often = list(fit(tiny_config(snapshot_every=1, validate_every=1), tiny_dataset()))[-1]
    assert rare.scores_NT.tobytes() == often.scores_NT.tobytes()


def test_a_choice_that_names_an_unknown_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="names the task 'share'"):
        next(iter(fit(tiny_config(best_by="share"), tiny_dataset())))


def test_what_an_architecture_itself_wants_small_gets_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tasks weigh nothing, so that only the network's own loss, its experts' squares, can move the experts."""
    forward = MultiTaskModel.forward

    def with_own_loss(self: MultiTaskModel, *batch: torch.Tensor | None) -> MultiTaskOutput:
        return replace(
            forward(self, *batch), extra_losses=(self.experts[0].weights_MOI[0].square().mean().expand(len(batch[0])),)
        )

    monkeypatch.setattr(MultiTaskModel, "forward", with_own_loss)
    config = tiny_config(task_weights={"click": 0.0, "purchase": 0.0}, optimizer="sgd", learning_rate=1.0)
    first, *_, last = of_type(list(fit(config, tiny_dataset())), Checkpoint)
    norms = [float(event.state.tensors["model/experts.0.weights_MOI.0"].norm()) for event in (first, last)]
    assert norms[1] < 0.9 * norms[0]
    assert math.isfinite(norms[1])


@pytest.mark.parametrize(
    "model",
    [Single(), MultiLevelMMoE(num_experts=3), CGC(), PLE(gate_dropout=0.1), ESMM(), AITM()],
    ids=lambda model: model.kind,
)
def test_every_kind_learns_and_a_resumed_run_is_the_same_run(model: ModelConfig) -> None:
    config = tiny_config(model, epochs=4, learning_rate=0.02)
    events = list(fit(config, tiny_dataset()))
    checkpoints = of_type(events, Checkpoint)
    first, last = checkpoints[0].record.metrics, checkpoints[-1].record.metrics
    assert sum(task.loss or 0 for task in last.values()) < sum(task.loss or 0 for task in first.values())
    resumed = list(fit(config, tiny_dataset(), resume_from=checkpoints[2].state))
    assert comparable(resumed[-1]) == comparable(events[-1])
