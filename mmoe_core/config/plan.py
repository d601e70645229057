"""Who reads which experts, level by level: all in which the architectures differ, before any network exists.

Ma et al., KDD 2018 (Shared-Bottom, one gate, MMoE); Tang et al., RecSys 2020 (CGC, PLE, multi-level MMoE).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .model import CGC, PLE, Grouped, ModelConfig, MultiLevelMMoE, OneGate, Routed, SharedBottom

__all__ = ["SHARED", "LevelPlan", "Reached", "plan", "reached"]

SHARED = "shared"  # what experts of no task are called


@dataclass(frozen=True)
class LevelPlan:
    """One level of routing.

    Attributes:
        experts: Their names.
        readers: Who mixes them: the tasks, or what the next level reads.
        reach: Per reader the places of the experts that it may hear.
        num_gates: One per reader; 1 where all share it; 0 where there is nothing to choose, and all weigh the same.
        experts_read: Per expert the reader below whose mixture it reads; None where all read the embedded row.
        gates_read: Per reader the reader below whose mixture its gate sees; None where all see the embedded row.
    """

    experts: tuple[str, ...]
    readers: tuple[str, ...]
    reach: tuple[tuple[int, ...], ...]
    num_gates: int
    experts_read: tuple[int, ...] | None = None
    gates_read: tuple[int, ...] | None = None

    @property
    def outputs_per_gate(self) -> tuple[int, ...]:
        """How many experts each gate chooses among."""
        return tuple(len(heard) for heard in self.reach[: self.num_gates])


def plan(model: ModelConfig, tasks: Sequence[str]) -> tuple[LevelPlan, ...]:
    """The levels of an architecture, from the embedded row up; the last one's readers are the tasks."""
    tasks = tuple(tasks)
    match model:
        case SharedBottom():
            return (LevelPlan(("E1",), tasks, ((0,),) * len(tasks), num_gates=0),)
        case MultiLevelMMoE():
            return _levels_of_experts(model, tasks)
        case Routed():
            num_gates = 1 if isinstance(model, OneGate) else len(tasks)
            return (_all_open(_numbered(model.num_experts), tasks, num_gates),)
        case CGC():
            return (_grouped(model, tasks, is_last=True),)
        case PLE():
            below = tuple(range(len(tasks) + 1))
            first = _grouped(model, tasks, is_last=False)
            middle = _grouped(model, tasks, is_last=False, below=below)
            last = _grouped(model, tasks, is_last=True, below=below)
            return (first, *(middle,) * (model.num_levels - 2), last)
        case _:  # a network per task
            return (LevelPlan(tasks, tasks, tuple((place,) for place in range(len(tasks))), num_gates=0),)


@dataclass(frozen=True)
class Reached:
    """Which tasks' losses arrive where, on one level: as places of tasks.

    Attributes:
        experts: At each expert.
        gates: At each gate.
    """

    experts: tuple[frozenset[int], ...]
    gates: tuple[frozenset[int], ...]


def reached(levels: Sequence[LevelPlan], of_mixtures: Sequence[frozenset[int]]) -> tuple[Reached, ...]:
    """How far the tasks' losses reach down.

    Args:
        levels: From the embedded row up.
        of_mixtures: Per reader of the last level, which tasks' losses arrive at what it reads.
    """
    found, of_readers = list[Reached](), list(of_mixtures)
    for number in reversed(range(len(levels))):
        level = levels[number]
        of_experts = [
            frozenset[int]().union(*(of for of, heard in zip(of_readers, level.reach, strict=True) if place in heard))
            for place in range(len(level.experts))
        ]
        of_gates = of_readers[: level.num_gates]
        if level.num_gates == 1:  # which all readers share
            of_gates = [frozenset[int]().union(*of_readers)]
        found.append(Reached(tuple(of_experts), tuple(of_gates)))
        if number:
            below = [set[int]() for _ in levels[number - 1].readers]
            for arriving, read in ((of_experts, level.experts_read), (of_gates, level.gates_read)):
                for tasks, place in zip(arriving, read or (), strict=False):
                    below[place] |= tasks
            of_readers = [frozenset(tasks) for tasks in below]
    return tuple(reversed(found))


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"E{number}" for number in range(1, count + 1))


def _all_open(experts: tuple[str, ...], readers: tuple[str, ...], num_gates: int) -> LevelPlan:
    return LevelPlan(experts, readers, (tuple(range(len(experts))),) * len(readers), num_gates)


def _levels_of_experts(model: MultiLevelMMoE, tasks: tuple[str, ...]) -> tuple[LevelPlan, ...]:
    """Every gate sees the embedded row; every expert above the first level reads a mixture of its own."""
    experts = _numbered(model.num_experts)
    everyone = tuple(range(model.num_experts))
    levels = []
    for number in range(model.num_levels):
        is_last = number == model.num_levels - 1
        readers = tasks if is_last else experts
        levels.append(
            LevelPlan(
                experts,
                readers,
                (everyone,) * len(readers),
                num_gates=len(readers),
                experts_read=everyone if number else None,
            )
        )
    return tuple(levels)


def _grouped(
    model: Grouped, tasks: tuple[str, ...], *, is_last: bool, below: tuple[int, ...] | None = None
) -> LevelPlan:
    """A task's gate hears its own experts and the shared ones; below the last level a further reader hears all."""
    own = model.num_task_experts
    groups = [(task, own) for task in tasks] + [(SHARED, model.num_shared_experts)]
    experts = tuple(f"{name} {number}" for name, count in groups for number in range(1, count + 1))
    shared = tuple(range(own * len(tasks), len(experts)))
    reach = tuple((*range(own * place, own * (place + 1)), *shared) for place in range(len(tasks)))
    readers = tasks if is_last else (*tasks, SHARED)
    group_of_expert = tuple(place for place, (_, count) in enumerate(groups) for _ in range(count))
    return LevelPlan(
        experts,
        readers,
        reach if is_last else (*reach, tuple(range(len(experts)))),
        num_gates=len(readers),
        experts_read=None if below is None else group_of_expert,
        gates_read=None if below is None else below[: len(readers)],
    )
