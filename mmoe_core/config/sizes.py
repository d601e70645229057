"""Shapes, parameter counts and memory by arithmetic, before any network exists.

Letters:
    D input width   E experts   H expert output width   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import ConfigError
from .base import Frozen
from .model import ModelConfig
from .schema import Schema
from .train import TrainConfig

__all__ = ["Sizes", "check_memory", "memory_bytes", "sizes"]

_FLOAT_BYTES = 4
_CACHE_LINE = 16  # float32 numbers; a row of the table begins with one
_COPIES_OF_LAYERS = 9  # weight, gradient, Adam's two moments, best weights; and in a checkpoint all but the gradient


class Sizes(Frozen):
    """How many numbers each part learns."""

    input_width: int  # D = id fields x embedding size + value fields
    embedding: int
    experts: int
    gates: int
    towers: int

    @property
    def total(self) -> int:
        """All that the optimiser moves."""
        return self.embedding + self.experts + self.gates + self.towers


def sizes(model: ModelConfig, schema: Schema) -> Sizes:
    """Parameter counts of a model on a schema; equal to the built network's."""
    width_in = len(schema.id_fields) * model.embedding_size + len(schema.value_fields)
    num_gates = {"mmoe": len(schema.tasks), "one_gate": 1, "shared_bottom": 0}[model.kind]
    per_output = 2 if model.norm != "none" else 0  # a scale and a shift
    is_gate_normed = model.kind != "shared_bottom" and model.gate_norm == "batch"
    return Sizes(
        input_width=width_in,
        embedding=schema.num_ids * model.embedding_size,
        experts=model.num_experts * (_dense((width_in, *model.expert_widths)) + per_output * sum(model.expert_widths)),
        gates=num_gates * model.num_experts * (width_in + 2 * is_gate_normed),  # softmax(W_g x): no bias
        towers=sum(
            _dense((model.expert_widths[-1], *model.tower(task.name), 1)) + per_output * sum(model.tower(task.name))
            for task in schema.tasks
        ),
    )


def memory_bytes(model: ModelConfig, train: TrainConfig, schema: Schema) -> int:
    """What training holds at its peak, an epoch's end: weights with moments, best weights, a checkpoint, a batch.

    An id owns its weights, Adam's two moments and the step of its last move, up to a whole cache line; its best weights
    and a checkpoint's copy of all that lie close.
    """
    counted, size = sizes(model, schema), model.embedding_size
    row = -(-(3 * size + 1) // _CACHE_LINE) * _CACHE_LINE
    weights = schema.num_ids * (row + size + 4 * size + 1) + _COPIES_OF_LAYERS * (counted.total - counted.embedding)
    per_row = 2 * (counted.input_width + model.num_experts * sum(model.expert_widths))
    per_row += len(schema.tasks) * (model.num_experts + model.expert_widths[-1])
    return _FLOAT_BYTES * (weights + 2 * train.batch_size * per_row)


def check_memory(model: ModelConfig, train: TrainConfig, schema: Schema, available_bytes: int) -> None:
    """Refuse what this machine cannot hold, before a process starts.

    Raises:
        ConfigError: says what it would need and what there is.
    """
    needed = memory_bytes(model, train, schema)
    if needed > available_bytes:
        raise ConfigError(
            "This model would need {needed} GB while it trains; this machine has {available} GB free. "
            "Choose fewer or narrower experts, a smaller embedding, or a smaller batch.",
            needed=f"{needed / 1e9:,.1f}",
            available=f"{available_bytes / 1e9:,.1f}",
        )


def _dense(widths: Sequence[int]) -> int:
    return sum(fan_in * fan_out + fan_out for fan_in, fan_out in pairwise(widths))
