"""Where the first value came from that is no number: looked for when there is one, and not before.

The way is that of the numbers: what a row says, its embedding, level by level experts, gates and mixtures, the towers,
the losses; where all of that is finite, back from the losses into the weights. What is named is the first place on it.

Shape suffixes in this file:
    B batch   D input width   V value fields   T tasks
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..config import LevelPlan, Schema
from ..errors import TrainingError
from ..models import MultiTaskModel, task_losses
from ..models.following import Followed, FollowedBank, follow
from .batches import Batch
from .optimizer import ModelOptimizer

__all__ = ["ORIGINS", "Origin", "check_finite", "origin_of_scores"]

ORIGINS = (
    "a value of a row",
    "a label",
    "a weight of the embedding table",
    "a weight of an expert",
    "what an expert says",
    "a weight of a gate",
    "what a gate says",
    "a mixture",
    "a weight of a tower",
    "what a tower says",
    "a score",
    "a loss",
    "a gradient into a tower",
    "a gradient into a mixture",
    "a gradient into a gate",
    "a gradient into an expert",
    "a gradient into the embeddings",
)
"""What can be the first, in the order in which it is looked for."""


@dataclass(frozen=True)
class Origin:
    """The first value that is no number.

    Attributes:
        place: One of `ORIGINS`.
        name: Whose: a field, an expert and its layer, a task.
    """

    place: str
    name: str


_Step = Iterator[tuple[str, str, Tensor]]  # place, name, values
_Parts = Callable[[Tensor], Iterator[tuple[str, Tensor]]]  # whose which numbers are


def check_finite(
    by_task: Mapping[str, float],
    model: MultiTaskModel,
    optimizer: ModelOptimizer,
    schema: Schema,
    batch: Batch,
    set_T: Tensor,
    *,
    step: int,
    learning_rate: float,
    seed: int,
) -> None:
    """See that losses, or norms of gradients, are numbers.

    Args:
        by_task: What is seen to.
        model: From which it came.
        optimizer: Whose moments are looked at, too.
        schema: The fields' and tasks' names.
        batch: The rows.
        set_T: w_k.
        step: Which one.
        learning_rate: In force.
        seed: Of what the step drew.

    Raises:
        TrainingError: one is none; says where that began.
    """
    for task, value in by_task.items():
        if math.isfinite(value):
            continue
        torch.manual_seed(seed)
        found = origin_of_scores(model, schema, batch) or _origin_of_gradients(model, schema, batch, set_T)
        origin = found or Origin("a loss", task)
        raise TrainingError(
            "At step {step} the loss of the task '{task}', or its gradient, is no longer a number. The first such "
            "value, on the way from the rows to the losses and back, is {origin} ({name}); of the weights and moments "
            "{count:,} are no numbers. Lower the learning rate (it is {learning_rate}) or the weight of this task and "
            "train again. The last good checkpoint is kept.",
            step=step,
            task=task,
            origin=origin.place,
            name=origin.name,
            count=_num_lost(model, optimizer),
            learning_rate=learning_rate,
        )


def origin_of_scores(model: MultiTaskModel, schema: Schema, batch: Batch) -> Origin | None:
    """The first place on the way of these rows to their scores where there is no number; None where all are."""
    with torch.no_grad():
        x_BD = model.table(batch.ids_BK, batch.dense_BV, batch.weights_BK)
        return _first(_rows(model, schema, batch, x_BD)) or _first(_forward(model, follow(model, x_BD)))


def _origin_of_gradients(model: MultiTaskModel, schema: Schema, batch: Batch, set_T: Tensor) -> Origin | None:
    """The same of the losses, and back from them; the scores are numbers."""
    regressions = [place for place, task in enumerate(schema.tasks) if task.kind == "regression"]
    x_BD = model.table(batch.ids_BK, batch.dense_BV, batch.weights_BK)
    followed = follow(model, x_BD)
    losses_T = task_losses(followed.output.scores_BT, batch.labels_BT, batch.shares_BT, regressions)
    found = _first(("a loss", task, loss) for task, loss in zip(model.tasks, losses_T, strict=True))
    for task, loss in zip(model.tasks, losses_T * set_T, strict=True):
        found = found or _first(_backward(model, schema, task, loss, followed, x_BD))
    return found


def _first(way: _Step) -> Origin | None:
    return next((Origin(place, name) for place, name, values in way if not values.isfinite().all()), None)


def _num_lost(model: MultiTaskModel, optimizer: ModelOptimizer) -> int:
    known = (*model.state_dict().values(), *optimizer.state().values())
    return sum(int((~tensor.isfinite()).sum()) for tensor in known if tensor.is_floating_point())


def _rows(model: MultiTaskModel, schema: Schema, batch: Batch, x_BD: Tensor) -> _Step:
    for field, values_B in zip(schema.value_fields, batch.dense_BV.unbind(1), strict=True):
        yield "a value of a row", field.name, values_B
    for task, labels_B in zip(model.tasks, batch.labels_BT.unbind(1), strict=True):
        yield "a label", task, labels_B
    for field_name, embedded_BS in _by_field(model, schema, x_BD):
        yield "a weight of the embedding table", field_name, embedded_BS


def _forward(model: MultiTaskModel, followed: Followed) -> _Step:
    passed = zip(model.levels, model.gates, followed.experts, followed.logits_BRE, strict=True)
    for number, (level, gates, experts, logits_BRE) in enumerate(passed, start=1):
        prefix = f"{number}." if len(model.levels) > 1 else ""
        yield from _layers(experts, "a weight of an expert", "what an expert says", prefix)
        for weights in gates.parameters():
            for reader, own in _by_gate(level, weights):
                yield "a weight of a gate", prefix + reader, own
        for place, reader in enumerate(level.readers):
            # −∞ is how a gate is shut; where it shuts all of them the mixture tells.
            yield "what a gate says", prefix + reader, logits_BRE[:, place, list(level.reach[place])].clamp(min=0)
    for task, mixture_BH in zip(model.tasks, followed.towers_TBH, strict=True):
        yield "a mixture", task, mixture_BH
    for towers in followed.towers:
        yield from _layers(towers, "a weight of a tower", "what a tower says", "")
    for task, scores_B in zip(model.tasks, followed.output.scores_BT.unbind(1), strict=True):
        yield "a score", task, scores_B


def _backward(
    model: MultiTaskModel, schema: Schema, task: str, loss: Tensor, followed: Followed, x_BD: Tensor
) -> _Step:
    """Into everything, in the order in which a gradient goes back."""
    into = list[tuple[str, Tensor, _Parts]]()
    for towers in followed.towers:
        into += [("a gradient into a tower", weights, partial(_by_name, towers.names)) for weights in _down(towers)]
    into.append(("a gradient into a mixture", followed.towers_TBH, partial(_by_name, model.tasks)))
    for level, gates, experts in reversed(list(zip(model.levels, model.gates, followed.experts, strict=True))):
        into += [("a gradient into a gate", weights, partial(_by_gate, level)) for weights in gates.parameters()]
        into += [("a gradient into an expert", weights, partial(_by_name, experts.names)) for weights in _down(experts)]
    into.append(("a gradient into the embeddings", x_BD, partial(_by_field, model, schema)))
    gradients: Sequence[Tensor | None] = torch.autograd.grad(
        loss, [values for _, values, _ in into], retain_graph=True, allow_unused=True
    )
    for (place, _, parts), gradient in zip(into, gradients, strict=True):
        for name, part in () if gradient is None else parts(gradient):
            yield place, f"{task} → {name}", part


def _layers(followed: FollowedBank, of_weights: str, of_outputs: str, prefix: str) -> _Step:
    """Layer by layer, member by member: its weights, then what it says."""
    bank, count = followed.bank, len(followed.bank.biases_MO)
    for number, said_MBO in enumerate(followed.layers()):
        for member, name in enumerate(followed.names):
            told = f"{prefix}{name} · {number + 1}/{count}"
            for weights in (bank.weights_MOI[number], bank.biases_MO[number]):
                yield of_weights, told, weights[member]
            yield of_outputs, told, said_MBO[member]


def _down(followed: FollowedBank) -> Iterator[Tensor]:
    """A bank's weights from the last layer to the first."""
    for biases_MO, weights_MOI in reversed(list(zip(followed.bank.biases_MO, followed.bank.weights_MOI, strict=True))):
        yield biases_MO
        yield weights_MOI


def _by_name(names: Sequence[str], values: Tensor) -> Iterator[tuple[str, Tensor]]:
    return zip(names, values, strict=True)


def _by_gate(level: LevelPlan, values: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Each gate's numbers, by its reader; a gate that all share goes by all of them."""
    axis = 0 if len(values) == sum(level.outputs_per_gate) else 1  # a norm of logits lies along the second
    names = level.readers if level.num_gates == len(level.readers) else (", ".join(level.readers),)
    return zip(names, torch.split(values, list(level.outputs_per_gate), dim=axis), strict=True)


def _by_field(model: MultiTaskModel, schema: Schema, x_BD: Tensor) -> Iterator[tuple[str, Tensor]]:
    size = model.table.size
    for place, field in enumerate(schema.id_fields):
        yield field.name, x_BD[:, place * size : (place + 1) * size]
