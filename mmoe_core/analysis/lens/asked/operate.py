"""Operate: what becomes of all tasks when somebody lays hands on the gates of a trained network; nothing is retrained.

On the logits of one level, in this order:

    1 swap      two readers change their gates; each hears as the other did
    2 knock out an expert's logit becomes −∞; what is left keeps its proportions
    3 soften    logits / temperature, on top of any that the network was trained with
    4 force     all that are left alike, or only one: the highest of each row, or the one that is named

Shape suffixes in this file:
    R readers   E experts
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ....config import Frozen
from ....records import TaskMetrics

__all__ = ["Difference", "Force", "Operate", "Operated", "TaskOperated"]

Force = Literal["", "uniform", "top", "one"]


class Operate(Frozen):
    """Which operations; as it stands, none.

    Attributes:
        level: Whose gates, from 0; None: the last, the tasks' own.
        swapped: Two readers.
        silent: Experts that nobody hears any more.
        temperature: Above 1 the experts are heard more alike.
        force: `uniform`, the `top` expert of each row, or the `one` in `only`.
        only: The expert that is heard alone.
        reader: Whose gate is knocked, softened and forced; None: everybody's.
    """

    kind: Literal["operate"] = "operate"
    level: int | None = Field(None, ge=0)
    swapped: tuple[str, str] | None = None
    silent: tuple[str, ...] = ()
    temperature: float = Field(1, ge=1e-3, le=1e9)
    force: Force = ""
    only: str | None = None
    reader: str | None = None


class Difference(Frozen):
    """Operated less plain, on the same rows.

    Attributes:
        low: 95 % interval; likewise `high`; None where these rows say nothing of the spread.
        p: Of "no difference", two-sided; None likewise.
    """

    difference: float
    low: float | None
    high: float | None
    p: float | None

    @property
    def is_distinguishable(self) -> bool:
        """Whether there is an interval, and 0 is outside of it."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


class TaskOperated(Frozen):
    """One task before and after.

    Attributes:
        loss: Difference of the mean loss; None with fewer than two rows.
        quality: Difference of the AUC, of a regression of the RMSE; None where undefined.
    """

    task: str
    before: TaskMetrics
    after: TaskMetrics
    loss: Difference | None
    quality: Difference | None


class Operated(Frozen):
    """What the operations did.

    Attributes:
        before_RE: Mean weights of the level on these rows; likewise `after_RE`.
        rows: Of the test split, judged here.
        of_rows: Of the test split, all.
    """

    readers: tuple[str, ...]
    experts: tuple[str, ...]
    before_RE: tuple[tuple[float, ...], ...]
    after_RE: tuple[tuple[float, ...], ...]
    tasks: tuple[TaskOperated, ...]
    rows: int
    of_rows: int
