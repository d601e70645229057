"""The training loop, whole.

It knows no files and no screen: it yields what happened, and who runs it decides what becomes of that. The order of
events is step 0's gates and checkpoint; then per step its changes, its `StepRecord`, and every few steps how the tasks
pulled, the gates, and a look at the validation sample; a `Savepoint` inside long epochs, a `Checkpoint` at each one's
end; one `Finished`.

Shape suffixes in this file:
    T tasks
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Literal

import torch

from ..config import RunConfig, check_tasks, num_steps, steps_per_epoch
from ..data import Dataset, Split
from ..models import build_model, task_losses
from ..records import (
    ChangeRecord,
    EndRecord,
    EpochRecord,
    EvaluationRecord,
    SavepointRecord,
    SetLearningRate,
    SetTaskWeights,
    StepRecord,
    Stop,
    TaskMetrics,
)
from .ancestry import check_finite
from .balancing import build_balancer
from .batches import shuffled_batches
from .controls import NO_CONTROLS, Controls
from .devices import choose_device
from .drawing import draw_seed
from .events import Checkpoint, Event, Finished, Savepoint
from .gradients import WatchedPulls
from .keeping import Keeper
from .optimizer import ModelOptimizer
from .ranks import ALONE, Ranks
from .schedule import rate_factor
from .state import Progress, TrainingState
from .watch import Watch

__all__ = ["fit"]


def fit(
    config: RunConfig,
    dataset: Dataset,
    *,
    controls: Controls = NO_CONTROLS,
    resume_from: TrainingState | None = None,
    ranks: Ranks = ALONE,
) -> Iterator[Event]:
    """Train one network and say everything that happens.

    Same config, same changes and same thread count give the same numbers, also across `resume_from`.

    Args:
        config: All choices.
        dataset: The rows; learnt from train, chosen by validation, judged at last on test.
        controls: Asked before every step; rank 0's count.
        resume_from: A checkpoint's or savepoint's state, of the same config and dataset; what was said up to it is
            not said again. Rank 0's counts.
        ranks: Who trains together, each calling this; all of them are told the same, to the last bit.

    Raises:
        ConfigError: the config names a task that the dataset has not.
        TrainingError: a loss is no longer a number, or a rank is lost.
    """
    train, tasks = config.train, dataset.schema.task_names
    check_tasks(config, dataset.schema)
    torch.set_num_threads(train.num_threads)
    rows = dataset.split("train")
    total = num_steps(train, len(rows))
    regressions = [k for k, task in enumerate(dataset.schema.tasks) if task.kind == "regression"]

    device = choose_device(train)
    model = build_model(config.model, dataset.schema, seed=train.seed).to(device)
    optimizer = ModelOptimizer(model, train)
    balancer = build_balancer(config, dataset.schema, ranks)
    watch = Watch(model, dataset, train, ranks)
    keeper = Keeper(
        model,
        optimizer,
        balancer,
        Progress(train.learning_rate, {task: train.task_weight(task) for task in tasks}),
        train.best_by,
    )
    resume_from = ranks.agree(resume_from)
    if resume_from is None:
        yield watch.snapshot(step=0)
        yield _checkpoint(keeper, watch)
    else:
        keeper.restore(resume_from)

    progress = keeper.progress
    clock = _Clock(progress.elapsed_s)
    reason: Literal["completed", "early_stopping", "stopped"] = "completed"
    batches_per_epoch = steps_per_epoch(train, len(rows))
    is_inside_epoch = 0 < progress.batches < batches_per_epoch
    for epoch in range(progress.epoch + (not is_inside_epoch), train.epochs + 1):
        steps_left = None if train.max_steps is None else max(0, train.max_steps - progress.step)
        if steps_left == 0:
            break
        if train.patience is not None and progress.epochs_without_better >= train.patience:
            reason = "early_stopping"
            break

        skip = progress.batches if epoch == progress.epoch else 0
        batches = shuffled_batches(
            rows,
            train.batch_size,
            seed=train.seed,
            epoch=epoch,
            skip=skip,
            threads_ahead=train.threads_ahead,
            ranks=ranks,
            device=device,
        )
        for number, (batch, touched) in enumerate(islice(ranks.look_ahead(batches), steps_left), start=skip + 1):
            step = progress.step + 1
            with clock.stopped():
                intents = ranks.hear(controls, step)
            if any(isinstance(intent, Stop) for intent in intents):
                reason = "stopped"
                break
            yield from _apply(intents, step, progress)

            rate = progress.learning_rate * rate_factor(train, step, total)
            optimizer.zero_grad()
            balancer.begin(step, epoch)
            if model.draws_in_training:
                torch.manual_seed(draw_seed(train.seed, step, ranks.rank))
            output = model(batch.ids_BK, batch.dense_BV, batch.weights_BK)
            losses_T = task_losses(output.scores_BT, batch.labels_BT, batch.shares_BT, regressions)
            set_T = torch.tensor([progress.task_weights[task] for task in tasks], device=device)  # w_k
            weighted_T = losses_T * set_T
            see = partial(
                check_finite,
                model=model,
                optimizer=optimizer,
                schema=dataset.schema,
                batch=batch,
                set_T=set_T,
                step=step,
                learning_rate=progress.learning_rate,
                seed=draw_seed(train.seed, step, ranks.rank),
            )
            is_watched = step % train.snapshot_every == 0
            pulls = WatchedPulls(weighted_T, model, ranks) if is_watched or step == 1 else None
            gradient_norms = None if pulls is None else dict(zip(tasks, pulls.norms, strict=True))
            see(gradient_norms or {})
            for extra_loss in output.extra_losses:
                (extra_loss.sum() * batch.row_share).backward(retain_graph=True)
            balance_T = balancer.backward(weighted_T, model)
            gradients, losses_T = ranks.sum_gradients(optimizer.gradients(touched), losses_T.detach())
            balancer.learn(losses_T * set_T)
            losses = dict(zip(tasks, losses_T.tolist(), strict=True))
            see(losses)
            optimizer.step(gradients, rate)

            progress.step, progress.epoch, progress.batches, progress.elapsed_s = step, epoch, number, clock.elapsed_s
            yield StepRecord(
                step=step,
                epoch=epoch,
                rows=batch.num_rows,
                elapsed_s=progress.elapsed_s,
                task_losses=losses,
                task_weights=dict(progress.task_weights),
                learning_rate=rate,
                gradient_norms=gradient_norms,
                gradient_cosine=None if pulls is None else pulls.cosine,
                balance=None if balance_T is None else dict(zip(tasks, balance_T.tolist(), strict=True)),
            )
            if pulls is not None:
                yield pulls.snapshot(step)
            if is_watched:
                yield watch.snapshot(step)
            if step % train.validate_every == 0:
                yield EvaluationRecord(step=step, epoch=epoch, metrics=_judge(watch, watch.sample, step))
            if step % train.save_every == 0 and number < batches_per_epoch:
                yield Savepoint(SavepointRecord(step=step, epoch=epoch), keeper.state())
        if progress.epoch == epoch and progress.batches > skip:  # also an epoch that a stop or a limit cut short
            yield _checkpoint(keeper, watch)
        if reason == "stopped":
            break

    yield _finish(keeper, watch, dataset, reason, clock)


def _apply(
    intents: Sequence[SetTaskWeights | SetLearningRate | Stop], step: int, progress: Progress
) -> Iterator[ChangeRecord]:
    """Make changes in the order in which they were asked for, each recorded before the step that feels it."""
    for intent in intents:
        match intent:
            case SetTaskWeights():
                known = {task: weight for task, weight in intent.task_weights.items() if task in progress.task_weights}
                progress.task_weights.update(known)
                yield ChangeRecord(step=step, task_weights=dict(progress.task_weights))
            case SetLearningRate():
                progress.learning_rate = intent.learning_rate
                yield ChangeRecord(step=step, learning_rate=intent.learning_rate)


def _judge(watch: Watch, split: Split, step: int) -> Mapping[str, TaskMetrics]:
    return watch.metrics(split, watch.scores(split, step=step))


def _checkpoint(keeper: Keeper, watch: Watch) -> Checkpoint:
    """Full validation; the weights are kept if no epoch was better."""
    progress = keeper.progress
    metrics = _judge(watch, watch.validation, progress.step)
    is_best = keeper.consider(metrics)
    record = EpochRecord(
        epoch=progress.epoch, step=progress.step, metrics=metrics, is_best=is_best, best_epoch=progress.best_epoch
    )
    return Checkpoint(record, keeper.state(), watch.probe_gates())


def _finish(
    keeper: Keeper,
    watch: Watch,
    dataset: Dataset,
    reason: Literal["completed", "early_stopping", "stopped"],
    clock: _Clock,
) -> Finished:
    """Put the best weights back, whatever ended the run, and judge them on the test split."""
    state, progress = keeper.state(), keeper.progress
    keeper.load_best()
    test = dataset.split("test")
    scores_NT, gates = watch.scores(test, step=progress.best_step), watch.probe_gates()
    record = EndRecord(
        step=progress.step,
        reason=reason,
        best_epoch=progress.best_epoch,
        best_step=progress.best_step,
        metrics=watch.closing_metrics(test, scores_NT),
        cvr_metrics=watch.cvr_metrics(test, scores_NT),
        gates=watch.snapshot(progress.best_step, gates),
        elapsed_s=clock.elapsed_s,
    )
    return Finished(record, watch.predictions(scores_NT), state, gates)


class _Clock:
    """Training time in seconds, waiting left out."""

    def __init__(self, elapsed_s: float) -> None:
        self._started_at = time.perf_counter() - elapsed_s

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._started_at

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Time inside does not count."""
        stopped_at = time.perf_counter()
        try:
            yield
        finally:
            self._started_at += time.perf_counter() - stopped_at
