"""From a config to its balancing method."""

from __future__ import annotations

from ... import config
from ...config import RunConfig, Schema, averages_losses
from ..ranks import ALONE, Ranks
from .balancer import Balancer
from .learnt import GradNorm, UncertaintyWeighting
from .losses import Decay, DynamicWeightAverage, RandomLossWeighting, Static, StaticMean

__all__ = ["build_balancer"]


def build_balancer(run: RunConfig, schema: Schema, ranks: Ranks = ALONE) -> Balancer:
    """The method that a config names, before its first step."""
    settings, tasks = run.train.balancing, schema.task_names
    match settings:
        case config.Static():
            return StaticMean() if averages_losses(run.model) else Static()
        case config.Decay():
            return Decay(settings, tasks)
        case config.UncertaintyWeighting():
            return UncertaintyWeighting(settings, [task.kind for task in schema.tasks])
        case config.GradNorm():
            return GradNorm(settings, len(tasks), ranks)
        case config.DynamicWeightAverage():
            return DynamicWeightAverage(settings, tasks)
        case config.RandomLossWeighting():
            return RandomLossWeighting(run.train.seed)
        case _:
            return _by_gradients(settings, run.train.seed, schema, ranks)


def _by_gradients(settings: config.Balancing, seed: int, schema: Schema, ranks: Ranks) -> Balancer:
    from .gradients import Aggregation, Bargain, MetaBalance, gramian_weighting  # TorchJD takes a second to load

    match settings:
        case config.MetaBalance():
            target = -1 if settings.target is None else schema.task_names.index(settings.target)
            return MetaBalance(settings, target, ranks)
        case config.NashMTL():
            return Bargain(settings, len(schema.tasks), seed, ranks)
        case _:
            return Aggregation(settings.method, gramian_weighting(settings), seed, ranks)
