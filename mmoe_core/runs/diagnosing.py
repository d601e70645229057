"""What is wrong with a run: what its network shows, untrained and by its best weights, its steps, and its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RunError
from ..records import StepRecord
from .lens import LENS, Lens
from .store import Store

if TYPE_CHECKING:
    from ..analysis.clinic import Evidence
    from ..analysis.lens import Examination

__all__ = ["evidence"]


def evidence(run_id: str, *, store: Store, lens: Lens = LENS) -> Evidence:
    """All that the clinic judges a run by.

    Args:
        run_id: A run; of a live one, what it has kept so far.
        store: Where it is.
        lens: Who looks into its network.

    Raises:
        RunError: there is no such run, or its network cannot be looked into.
        DatasetError: its dataset is not there.
    """
    from ..analysis.clinic import Evidence  # pandas: a trainer does without

    row = store.row(run_id)
    steps = [record for record in store.records(run_id, ["step"]) if isinstance(record, StepRecord)]
    if not steps and row.error is None:
        raise RunError("Run {run_id} has not taken a step yet, so there is nothing to examine.", run_id=run_id)
    untrained = _examined(run_id, 0, store, lens)
    trained = _examined(run_id, "best", store, lens)
    return Evidence.of(trained, untrained, steps, row.error)


def _examined(run_id: str, epoch: int | str, store: Store, lens: Lens) -> Examination:
    from ..analysis.lens import Examination, Examine

    answer = lens.ask(store, run_id, epoch, Examine())
    assert isinstance(answer, Examination)
    return answer
