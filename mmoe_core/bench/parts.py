"""Where a step goes, by part, in processor time of the thread that computes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count

import torch

from ..config import RunConfig
from ..models import build_model, task_losses
from ..models.mixing import mix
from ..training import build_balancer
from ..training.batches import shuffled_batches
from ..training.optimizer import ModelOptimizer
from .figures import Figures
from .work import Work

__all__ = ["time_parts"]

_NUM_STEPS = 100


def time_parts(work: Work, config: RunConfig) -> Figures:
    """Milliseconds per step; the same calls as in `fit`, one by one."""
    torch.set_num_threads(config.train.num_threads)
    train = config.train
    model = build_model(config.model, work.schema, seed=train.seed)
    optimizer, balancer = ModelOptimizer(model, train), build_balancer(config, work.schema)
    weights_T = torch.ones(len(work.schema.tasks))
    seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def part(name: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        seconds[name] += time.thread_time() - began

    rows = work.split("train")
    batches = chain.from_iterable(
        shuffled_batches(rows, train.batch_size, seed=1, epoch=epoch, threads_ahead=0) for epoch in count(1)
    )
    for number in range(-_NUM_STEPS // 4, _NUM_STEPS):
        if number == 0:  # what came before was to warm up
            seconds.clear()
        with part("preparing the batch (a thread of its own)"):
            batch, touched = next(batches)
        with part("gather"):
            x_BD = model.table(batch.ids_BK, batch.dense_BV, batch.weights_BK)
        with part("experts"):
            z_EBH = model.experts[0](x_BD)
        with part("gates and mixture"):
            mixed_TBH, _ = mix(z_EBH.transpose(0, 1), model.gates[0](x_BD))
        with part("towers and loss"):
            losses_T = task_losses(model.towers(mixed_TBH), batch.labels_BT, batch.shares_BT)
        with part("backward"):
            optimizer.zero_grad()
            balancer.backward(losses_T * weights_T, model)
        model.x_BD = x_BD
        with part("update"):
            optimizer.step(optimizer.gradients(touched), train.learning_rate)
    return Figures(milliseconds={name: round(1000 * spent / _NUM_STEPS, 3) for name, spent in seconds.items()})
