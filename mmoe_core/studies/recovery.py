"""Do gates find why people click and purchase? The claim about the classroom's mechanisms, and its table. No torch.

In the simulated log every row belongs to a segment whose click and purchase have reasons of their own: its mechanism.
The gates never see a segment's name as a label. What a row's top expert tells of its mechanism is their mutual
information, in bits; experts have no identity over seeds, and it does not ask for one.

An untrained gate reads the same embeddings, so its top expert tells something as well: the claim is of the difference,
seed by seed. And counts on a few thousand rows overstate information: it must also be above what shuffled mechanisms
give. Both parts, of every task, have to hold.
"""

from __future__ import annotations

import pandas as pd

from .claims import Claim, Contrast, level_of
from .paired import paired_difference
from .results import Information, Mechanisms

__all__ = ["information", "judge_recovery"]

_COLUMNS = tuple(Information.model_fields)


def information(study: Mechanisms) -> pd.DataFrame:
    """Bits of the mechanism in the top expert: one row per seed and task; columns seed, task, and a training's."""
    return pd.DataFrame(
        [
            {"seed": seed, "task": task, **found.model_dump()}
            for seed, run in study.runs.items()
            for task, found in run.information.items()
        ],
        columns=["seed", "task", *_COLUMNS],
    )


def judge_recovery(bits: pd.DataFrame) -> Claim:
    """Whether the gates of every task recover the mechanisms.

    Args:
        bits: From `information`, at least one seed.
    """
    tasks = list(dict.fromkeys(bits["task"]))
    level = level_of(2 * len(tasks))
    by_task = {task: bits[bits["task"] == task] for task in tasks}
    return Claim(
        "The gates recover the mechanisms: a row's top expert tells more of them than the untrained gate's.",
        tuple(
            Contrast(
                "bits of the mechanism in the top expert of {task}: trained − untrained",
                paired_difference(found["trained"] - found["untrained"], level=level),
                {"task": task},
            )
            for task, found in by_task.items()
        )
        + tuple(
            Contrast(
                "bits of the mechanism in the top expert of {task}: trained − the most of its shuffles",
                paired_difference(found["trained"] - found["shuffled"], level=level),
                {"task": task},
            )
            for task, found in by_task.items()
        ),
        level,
    )
