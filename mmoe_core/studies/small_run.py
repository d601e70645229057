"""A run of two seconds and what the clinic sees of it: what its false alarms are counted on."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..analysis.clinic import Evidence
from ..analysis.lens import Examination
from ..analysis.lens.examine import examine
from ..analysis.lens.network import Network
from ..config import MMoE, RunConfig, SimulatedAliCcp, TrainConfig
from ..data import Dataset
from ..errors import TrainingError
from ..models import build_model
from ..records import StepRecord
from ..training import Checkpoint, Finished, TrainingState, fit
from ..training.state import part

__all__ = ["SMALL_RUN", "evidence_of"]

SMALL_RUN = RunConfig(
    data=SimulatedAliCcp(num_rows=8_000),
    model=MMoE(),
    train=TrainConfig(
        learning_rate=3e-3,
        batch_size=256,
        epochs=6,
        snapshot_every=5,
        validate_every=1_000_000,
        probe_rows=500,
        threads_ahead=0,
    ),
)
"""The classroom's log in small, and the classroom's network."""

Weights = dict[str, torch.Tensor]


def evidence_of(config: RunConfig, dataset: Dataset, plant: Callable[[Weights], None] | None = None) -> Evidence:
    """Train a run and examine it, untrained and by its best weights.

    Args:
        config: The run.
        dataset: Its rows.
        plant: Changes the untrained network's weights, by name, before its first step.
    """
    start = next(event for event in fit(config, dataset) if isinstance(event, Checkpoint)).state
    untrained = part(start.tensors, "model")
    if plant is not None:
        plant(untrained)
        planted = {f"model/{name}": weights for name, weights in untrained.items()}
        start = TrainingState({**start.tensors, **planted}, start.counters)
    steps, trained, error = list[StepRecord](), None, None
    try:
        for event in fit(config, dataset, resume_from=start):
            match event:
                case StepRecord():
                    steps.append(event)
                case Finished():
                    trained = _examined(part(event.state.tensors, "best"), config, dataset)
    except TrainingError as lost:
        error = lost
    return Evidence.of(trained, None if error else _examined(untrained, config, dataset), steps, error)


def _examined(weights: Weights, config: RunConfig, dataset: Dataset) -> Examination:
    model = build_model(config.model, dataset.schema, seed=config.train.seed).eval()
    model.load_state_dict(weights)
    return examine(Network(model, config, dataset))
