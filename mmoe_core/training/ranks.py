"""Who trains: one process alone, or several that share every batch. The loop is the same for both.

Several processes are told apart by their rank, from 0. Each has a whole replica of the network and its share of every
batch's rows; what they find is put together so that all replicas move alike, to the last bit.

Shape suffixes in this file:
    N rows   X numbers of a row   T tasks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..records import SetLearningRate, SetTaskWeights, Stop
from .controls import Controls
from .state import TrainingState

if TYPE_CHECKING:
    from .batches import Batch
    from .optimizer import Gradients
    from .touched import Touched

__all__ = ["ALONE", "Ranks"]


class Ranks(Protocol):
    """What the loop asks of all ranks together; all of them ask the same in the same order."""

    @property
    def rank(self) -> int:
        """This process's number, from 0."""

    def agree(self, state: TrainingState | None) -> TrainingState | None:
        """Rank 0's state, on every rank."""

    def share(self, num_rows: int) -> slice:
        """Which of so many rows are this rank's."""

    def look_ahead(self, batches: Iterator[tuple[Batch, Touched]]) -> Iterator[tuple[Batch, Touched]]:
        """The batches as they come; what has to be known of them beforehand is told to the other ranks."""

    def hear(self, controls: Controls, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        """What people asked of rank 0 to take effect in `step`; a pause takes long."""

    def sum_gradients(self, gradients: Gradients, losses_T: Tensor) -> tuple[Gradients, Tensor]:
        """Gradients and losses of the whole batch, from those of each rank's rows; once a step."""

    def sum(self, numbers: Tensor) -> Tensor:
        """The ranks' numbers added up; the same bits on every rank."""

    def gather(self, own_NX: NDArray[np.float32], num_rows: int) -> NDArray[np.float32]:
        """All rows of an array of which each rank has computed its `share`."""


class _Alone:
    """One process, which has nobody to ask."""

    rank = 0

    def agree(self, state: TrainingState | None) -> TrainingState | None:
        return state

    def share(self, num_rows: int) -> slice:
        return slice(0, num_rows)

    def look_ahead(self, batches: Iterator[tuple[Batch, Touched]]) -> Iterator[tuple[Batch, Touched]]:
        return batches

    def hear(self, controls: Controls, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        return controls.take(step)

    def sum_gradients(self, gradients: Gradients, losses_T: Tensor) -> tuple[Gradients, Tensor]:
        return gradients, losses_T

    def sum(self, numbers: Tensor) -> Tensor:
        return numbers

    def gather(self, own_NX: NDArray[np.float32], num_rows: int) -> NDArray[np.float32]:
        return own_NX


ALONE: Ranks = _Alone()
