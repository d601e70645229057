"""Whose experts they are and who can hear them, level by level: what a picture of gates must tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from .model import AITM, Gated, Grouped, ModelConfig
from .plan import LevelPlan, plan

__all__ = ["Audience", "audience"]


@dataclass(frozen=True)
class Audience:
    """One level of gates as a picture shows it.

    Attributes:
        tasks: Of the run, in order; a reader that is none of them is what a later level reads.
        readers: Who mixes the experts.
        experts: Their names.
        owners: Per expert the task that it belongs to; None where tasks share it.
        heard: Per reader and expert, whether the one can hear the other at all.
        has_choice: Whether any reader mixes by a gate; else the weights stand fixed.
    """

    tasks: tuple[str, ...]
    readers: tuple[str, ...]
    experts: tuple[str, ...]
    owners: tuple[str | None, ...]
    heard: tuple[tuple[bool, ...], ...]
    has_choice: bool

    @property
    def starts(self) -> tuple[int, ...]:
        """Places at which another owner's experts begin, the first one left out."""
        sizes = [len(list(group)) for _, group in groupby(self.owners)]
        return tuple(sum(sizes[:count]) for count in range(1, len(sizes)))

    def hears(self, reader: str, expert: str) -> bool:
        """Whether a reader can hear an expert."""
        return self.heard[self.readers.index(reader)][self.experts.index(expert)]


def audience(model: ModelConfig, tasks: Sequence[str]) -> tuple[Audience, ...]:
    """Of every level of an architecture, from the embedded row up."""
    tasks = tuple(tasks)
    return tuple(_of_level(model, tasks, level) for level in plan(model, tasks))


def _of_level(model: ModelConfig, tasks: tuple[str, ...], level: LevelPlan) -> Audience:
    owners: tuple[str | None, ...] = (None,) * len(level.experts)
    if isinstance(model, Grouped):
        own = tuple(task for task in tasks for _ in range(model.num_task_experts))
        owners = own + (None,) * model.num_shared_experts
    elif level.experts == tasks:  # a network per task
        owners = tasks
    reach = level.reach
    if isinstance(model, AITM):  # a task's own network, and what the task before hands on
        reach = tuple((place - 1, place) if place else (0,) for place in range(len(tasks)))
    heard = tuple(tuple(expert in places for expert in range(len(level.experts))) for places in reach)
    return Audience(tasks, level.readers, level.experts, owners, heard, isinstance(model, Gated | AITM))
