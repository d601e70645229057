"""How the tasks pulled over training: the cosine between their gradients group by group, how often they conflict, and
how long the gradients are.

A group is the embeddings that a batch read, one expert with all its layers, or all that several tasks share. Frames
have a column per group, (part, expert): ("embeddings", ""), ("expert", name), …, ("shared", "").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

import pandas as pd

from ..metrics import wilson_interval
from ..records import GradientSnapshot, Pulls

__all__ = ["conflicts", "cosines_over_time", "norms_over_time", "smoothed"]

_SMOOTHED = 15  # parts of a run, each about as long as what a mean is taken over


def cosines_over_time(snapshots: Sequence[GradientSnapshot], one: str, other: str, *, level: int = -1) -> pd.DataFrame:
    """The cosine between two tasks' gradients: one row per watched step, one column per group.

    Args:
        snapshots: In order.
        one: A task.
        other: Another.
        level: Whose experts.

    Returns:
        −1 to 1; NaN where a gradient is 0, so that there is no angle. Empty without snapshots.
    """
    if not snapshots:
        return pd.DataFrame()
    tasks = snapshots[0].tasks
    pair = list(combinations(tasks, 2)).index((one, other) if tasks.index(one) < tasks.index(other) else (other, one))
    return _over_time(snapshots, level, lambda pulls: pulls.cosines_P[pair])


def norms_over_time(
    snapshots: Sequence[GradientSnapshot], group: tuple[str, str] = ("shared", ""), *, level: int = -1
) -> pd.DataFrame:
    """How long each task's gradient is in one group, w_k times that of its loss.

    Args:
        snapshots: In order.
        group: A column of `cosines_over_time`.
        level: Whose experts.

    Returns:
        One row per watched step, one column per task; empty without snapshots.
    """
    if not snapshots:
        return pd.DataFrame()
    tasks = snapshots[0].tasks
    norms = [_over_time(snapshots, level, partial(_norm, place=place))[group] for place in range(len(tasks))]
    return pd.concat(norms, axis=1, keys=tasks)


def smoothed(cosines: pd.DataFrame) -> pd.DataFrame:
    """Each watched step's mean with its neighbours, about a fifteenth of the run; NaN is left out of it."""
    return cosines.rolling(max(1, len(cosines) // _SMOOTHED), center=True, min_periods=1).mean()


def conflicts(cosines: pd.DataFrame) -> pd.DataFrame:
    """How often two tasks' gradients point apart, their cosine below 0.

    Args:
        cosines: From `cosines_over_time`.

    Returns:
        One row per group, in order: `watched`, the steps at which there was an angle; `apart`, those of them in
        conflict; `share`, with its 95 % Wilson interval `low` to `high`, as if the steps were independent of each
        other. NaN where nothing was watched.
    """
    watched, apart = cosines.notna().sum(), (cosines < 0).sum()
    found = pd.DataFrame({"watched": watched, "apart": apart, "share": apart / watched.where(watched > 0)})
    intervals = [
        wilson_interval(int(of), int(among)) if among else (float("nan"), float("nan"))
        for of, among in zip(apart, watched, strict=True)
    ]
    found[["low", "high"]] = pd.DataFrame(intervals, index=found.index, columns=["low", "high"], dtype=float)
    return found


def _norm(pulls: Pulls, place: int) -> float:
    return pulls.norms_T[place]


def _over_time(snapshots: Sequence[GradientSnapshot], level: int, of: Callable[[Pulls], float | None]) -> pd.DataFrame:
    experts = snapshots[0].levels[level].experts
    groups = [("embeddings", ""), *(("expert", expert) for expert in experts), ("shared", "")]
    return pd.DataFrame(
        [
            [of(pulls) for pulls in (snapshot.embeddings, *snapshot.levels[level].pulls_E, snapshot.shared)]
            for snapshot in snapshots
        ],
        index=pd.Index([snapshot.step for snapshot in snapshots], name="step"),
        columns=pd.MultiIndex.from_tuples(groups, names=["part", "expert"]),
        dtype=float,
    )
