"""Shapes, parameter counts and memory by arithmetic, before any network exists.

Letters:
    D input width   E experts   H expert output width   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import ConfigError
from .base import Frozen
from .model import AITM, Gated, ModelConfig, Single
from .parity import reproduces_rechub, spelled_out
from .plan import plan
from .schema import Schema
from .train import TrainConfig

__all__ = ["Sizes", "check_memory", "input_width", "memory_bytes", "sizes"]

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
    model = spelled_out(model)
    width_in, width_out = input_width(model, schema), model.expert_widths[-1]
    num_tables = len(schema.tasks) if isinstance(model, Single) else 1
    per_output = 2 if model.norm != "none" else 0  # a scale and a shift
    per_choice = 2 if isinstance(model, Gated) and model.gate_norm == "batch" else 0
    per_choice += reproduces_rechub(model)  # the bias of W x + b
    experts = gates = 0
    for level in plan(model, schema.task_names):
        expert_in = width_in if level.experts_read is None else width_out
        gate_in = width_in if level.gates_read is None else width_out  # softmax(W_g x)
        network = _dense((expert_in, *model.expert_widths)) + per_output * sum(model.expert_widths)
        experts += len(level.experts) * network
        gates += sum(level.outputs_per_gate) * (gate_in + per_choice)
    if isinstance(model, AITM):  # what is handed on, and the attention over it
        normed = 2 * width_out if reproduces_rechub(model) else 0
        gates += (len(schema.tasks) - 1) * (_dense((width_out, width_out)) + normed + 3 * width_out**2)
    return Sizes(
        input_width=width_in,
        embedding=schema.num_ids * model.embedding_size * num_tables,
        experts=experts,
        gates=gates,
        towers=sum(
            _dense((width_out, *model.tower(task.name), 1)) + per_output * sum(model.tower(task.name))
            for task in schema.tasks
        ),
    )


def input_width(model: ModelConfig, schema: Schema) -> int:
    """D: what a network reads of a row."""
    return len(schema.id_fields) * model.embedding_size + len(schema.value_fields)


def memory_bytes(model: ModelConfig, train: TrainConfig, schema: Schema) -> int:
    """What training holds at its peak, an epoch's end: weights with moments, best weights, a checkpoint, a batch.

    An id owns its weights, Adam's two moments and the step of its last move, up to a whole cache line; its best weights
    and a checkpoint's copy of all that lie close.
    """
    counted, levels = sizes(model, schema), plan(model, schema.task_names)
    size = counted.embedding // schema.num_ids if schema.num_ids else 0
    row = -(-(3 * size + 1) // _CACHE_LINE) * _CACHE_LINE
    row += size if train.moved_rows == "all" else 0  # a gradient as long as the table
    weights = schema.num_ids * (row + size + 4 * size + 1) + _COPIES_OF_LAYERS * (counted.total - counted.embedding)
    per_row = 2 * (len(schema.id_fields) * size + len(schema.value_fields))
    for level in levels:
        per_row += 2 * len(level.experts) * sum(model.expert_widths)
        per_row += len(level.readers) * (len(level.experts) + model.expert_widths[-1])
    return _FLOAT_BYTES * (weights + 2 * train.batch_size * per_row)


def check_memory(
    model: ModelConfig, train: TrainConfig, schema: Schema, available_bytes: int, *, num_here: int | None = None
) -> None:
    """Refuse what this machine cannot hold, before a process starts.

    Args:
        model: The architecture.
        train: The batch, and how many processes hold a replica each.
        schema: The fields and tasks.
        available_bytes: On this machine.
        num_here: How many of the processes are on this machine; default: all.

    Raises:
        ConfigError: says what it would need and what there is.
    """
    needed = memory_bytes(model, train, schema) * (train.num_processes if num_here is None else num_here)
    if needed > available_bytes:
        raise ConfigError(
            "This model would need {needed} GB while it trains; this machine has {available} GB free. "
            "Choose fewer or narrower experts, a smaller embedding, a smaller batch, or fewer processes.",
            needed=f"{needed / 1e9:,.1f}",
            available=f"{available_bytes / 1e9:,.1f}",
        )


def _dense(widths: Sequence[int]) -> int:
    return sum(fan_in * fan_out + fan_out for fan_in, fan_out in pairwise(widths))
