"""What the clinic judges by: numbers measured on the probe rows, of gates, experts, ReLUs, tasks. No torch.

All of it but the tasks' and the failure is said by a network itself (`lens.examine`), trained and untrained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...config import Frozen, TaskName
from ...errors import LabError
from ...records import StepRecord
from ..lens import Examination

__all__ = [
    "Evidence",
    "TaskPull",
    "task_evidence",
]


class TaskPull(Frozen):
    """What a task weighed in the second half of the watched steps."""

    task: TaskName
    weight: float  # w_k, in force last
    gradient_share: float | None  # mean share of λ_k ||w_k dL_k/d(shared)||; None where no step was watched


class Evidence(Frozen):
    """All that is known about a run."""

    trained: Examination | None  # None: it has no weights that could be looked at
    untrained: Examination | None
    steps: int  # that were taken
    tasks: tuple[TaskPull, ...]
    failure: Mapping[str, str | int | float] | None = None  # values of the error that names where a NaN began

    @staticmethod
    def of(
        trained: Examination | None,
        untrained: Examination | None,
        steps: Sequence[StepRecord],
        error: LabError | None = None,
    ) -> Evidence:
        """Put together what a network, its untrained self, its steps and its error say."""
        failure = dict(error.values) if error is not None and "origin" in error.values else None
        return Evidence(
            trained=trained,
            untrained=untrained,
            steps=steps[-1].step if steps else 0,
            tasks=task_evidence(steps),
            failure=failure,
        )


def task_evidence(steps: Sequence[StepRecord]) -> tuple[TaskPull, ...]:
    """Each task's weight and its share of what pulls at the layers that tasks share."""
    if not steps:
        return ()
    watched = [step for step in steps if step.gradient_norms is not None]
    shares = [found for step in watched[len(watched) // 2 :] if (found := _shares(step))]
    return tuple(
        TaskPull(
            task=task,
            weight=weight,
            gradient_share=sum(share[task] for share in shares) / len(shares) if shares else None,
        )
        for task, weight in steps[-1].task_weights.items()
    )


def _shares(step: StepRecord) -> dict[str, float]:
    balance = step.balance or {}
    pulls = {task: norm * abs(balance.get(task, 1.0)) for task, norm in (step.gradient_norms or {}).items()}
    total = sum(pulls.values())
    return {task: pull / total for task, pull in pulls.items()} if total > 0 else {}
