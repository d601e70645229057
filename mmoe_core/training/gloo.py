"""Several processes that train together, by gloo: sums in the order of the ranks, so that all replicas are one.

A step is one exchange. Every rank sends the others one stretch of memory, whose length they know already:

    layers' gradient (P) | losses (T) | rank 0 will be asked (1) | rows of the table's gradient (U S)
    | ids of the next batch (U') | how many ids the batch after that has (1)

Shape suffixes in this file:
    P numbers of all layers   T tasks   S embedding size   R ranks   N rows   X numbers of a row
    U different ids of one rank's rows   M of all ranks' rows
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributed import ProcessGroupGloo

from .. import kernels
from ..records import SetLearningRate, SetTaskWeights, Stop, intent_from_json
from .batches import Batch
from .controls import NO_CONTROLS, Controls
from .lifeline import Lifeline
from .optimizer import Gradients
from .state import TrainingState
from .touched import Touched

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

__all__ = ["Gloo"]

_PATIENCE = timedelta(minutes=30)  # of an exchange: rank 0 may be writing to a slow disk; no pause is waited for here
_NO_IDS = torch.empty(0, dtype=torch.int32)


class Gloo:
    """One of several ranks.

    Args:
        lifeline: To the others, all of whom are there.
        store: Where gloo finds its peers.
        address: Of this machine, as the others reach it.

    Raises:
        RankLost: from every method, if one of the others is gone.
    """

    def __init__(self, lifeline: Lifeline, store: Store, address: str) -> None:
        self._lifeline = lifeline
        self.rank, self._count = lifeline.rank, lifeline.count
        self._others = [other for other in range(self._count) if other != self.rank]
        gloo: Any = (
            ProcessGroupGloo  # the public functions cannot be told an address, and cost more than a step's gather
        )
        options = gloo._Options()
        options._timeout = _PATIENCE
        options._devices = [gloo.create_device(hostname=address)]  # not what the machine's name resolves to
        self._group = gloo(store, self.rank, self._count, options)
        self._ids = _Ids([_NO_IDS] * self._count, [0] * self._count)
        self._controls: Controls = NO_CONTROLS
        self._step = 0
        self._is_asked = True  # before the first step of a life

    def agree(self, state: TrainingState | None) -> TrainingState | None:
        """Rank 0 sends its state; the others need no files."""
        if self.rank == 0:
            said = None if state is None else {"counters": state.counters, "tensors": _shapes(state.tensors)}
            self._lifeline.tell(said)
        elif (said := self._lifeline.hear()) is not None:
            tensors = {name: torch.empty(shape, dtype=_dtype(kind)) for name, kind, shape in said["tensors"]}
            state = TrainingState(tensors, said["counters"])
        for tensor in {} if state is None else state.tensors.values():
            if self.rank == 0:
                works = [self._group.send([tensor.contiguous()], other, 0) for other in self._others]
            else:
                works = [self._group.recv([tensor], 0, 0)]
            self._wait(works)
        return state

    def share(self, num_rows: int) -> slice:
        """Neighbours in the batch; sizes differ by one at most."""
        return _share(num_rows, self.rank, self._count)

    def look_ahead(self, batches: Iterator[tuple[Batch, Touched]]) -> Iterator[tuple[Batch, Touched]]:
        """Keeps two batches ready, whose ids are told a step ahead."""
        coming = deque([next(batches, None), next(batches, None)])
        first, second = (_ids_of(one) for one in coming)
        sizes = [mine.tolist() for mine in self._swap(torch.tensor([len(first), len(second)]), [2] * self._count)]
        self._ids = _Ids(self._swap(first, [now for now, _ in sizes]), [then for _, then in sizes])
        while (now := coming.popleft()) is not None:
            coming.append(next(batches, None))
            self._ids.mine_next, self._ids.num_mine_after = _ids_of(coming[0]), len(_ids_of(coming[1]))
            yield now

    def hear(self, controls: Controls, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        """Asks only where rank 0 has announced it: mostly there is nothing to hear."""
        self._controls, self._step = controls, step
        if not self._is_asked:
            return ()
        if self.rank == 0:
            changes = controls.take(step)
            self._lifeline.tell([change.model_dump(mode="json") for change in changes])
            return changes
        return [_change(said) for said in self._lifeline.hear()]

    def sum_gradients(self, gradients: Gradients, losses_T: Tensor) -> tuple[Gradients, Tensor]:
        """The exchange of a step."""
        ids, num_tasks = self._ids, len(losses_T)
        num_layers, size = gradients.layers_1P.numel(), gradients.table_US.shape[1]
        is_asked = self.rank == 0 and self._controls.has_news(self._step + 1)
        mine = torch.cat(
            [
                gradients.layers_1P.flatten(),
                losses_T,
                torch.tensor([float(is_asked)]),
                gradients.table_US.flatten(),
                ids.mine_next.view(torch.float32),  # bits, as they are
                torch.tensor([ids.num_mine_after], dtype=torch.int32).view(torch.float32),
            ]
        )
        lengths = [num_layers, num_tasks, 1]
        sizes = [[*lengths, len(now) * size, then, 1] for now, then in zip(ids.of_rank_now, ids.num_next, strict=True)]
        exchange = self._send(mine, [sum(parts) for parts in sizes])
        rows_M, places = ids.merged()  # meanwhile
        received = [torch.split(all_of_it, parts) for all_of_it, parts in zip(self._take(exchange), sizes, strict=True)]
        layers, losses, asked, tables, ids_next, nums_after = zip(*received, strict=True)
        self._is_asked = bool(asked[0].item())
        self._ids = _Ids(
            [bits.view(torch.int32) for bits in ids_next], [int(bits.view(torch.int32)) for bits in nums_after]
        )
        table_MS = gradients.table_US.new_zeros(len(rows_M), size)
        for rows_US, places_U in zip(tables, places, strict=True):
            kernels.add_rows(rows_US.view(-1, size).numpy(), places_U, table_MS.numpy())
        summed = Gradients(_added(layers).view_as(gradients.layers_1P), torch.from_numpy(rows_M), table_MS)
        return summed, _added(losses)

    def sum(self, numbers: Tensor) -> Tensor:
        """In the order of the ranks."""
        return _added(self._swap(numbers.contiguous(), [numbers.numel()] * self._count)).view_as(numbers)

    def gather(self, own_NX: NDArray[np.float32], num_rows: int) -> NDArray[np.float32]:
        """The shares, one after the other."""
        per_row = own_NX.shape[1:]
        shares = [_share(num_rows, rank, self._count) for rank in range(self._count)]
        sizes = [(share.stop - share.start) * int(np.prod(per_row)) for share in shares]
        parts = self._swap(torch.from_numpy(np.ascontiguousarray(own_NX)).flatten(), sizes)
        return torch.cat(parts).numpy().reshape(num_rows, *per_row)

    def _swap(self, mine: Tensor, sizes: Sequence[int]) -> list[Tensor]:
        """Every rank's numbers, by rank; of sizes that all know."""
        return self._take(self._send(mine, sizes))

    def _send(self, mine: Tensor, sizes: Sequence[int]) -> _Exchange:
        of_rank = [mine if rank == self.rank else mine.new_empty(size) for rank, size in enumerate(sizes)]
        works = [self._group.recv([of_rank[other]], other, 0) for other in self._others if sizes[other]]
        works += [self._group.send([mine], other, 0) for other in self._others if len(mine)]
        return _Exchange(of_rank, works)

    def _take(self, exchange: _Exchange) -> list[Tensor]:
        self._wait(exchange.works)
        return exchange.of_rank

    def _wait(self, works: Sequence[torch.distributed.Work]) -> None:
        try:
            for work in works:
                work.wait()
        except RuntimeError:  # gloo says which address, not who
            raise self._lifeline.loss() from None


@dataclass(frozen=True)
class _Exchange:
    """What is under way."""

    of_rank: list[Tensor]
    works: list[torch.distributed.Work]


@dataclass
class _Ids:
    """The table's rows that this step's batch touches, and what has to be told of the next two batches.

    Attributes:
        of_rank_now: Rank → its ids, ascending, int32.
        num_next: Rank → how many its next batch has.
        mine_next: This rank's, of the next batch.
        num_mine_after: How many it has in the batch after that.
    """

    of_rank_now: list[Tensor]
    num_next: list[int]
    mine_next: Tensor = field(default=_NO_IDS)
    num_mine_after: int = 0

    def merged(self) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        """All ranks' ids (M,), each once; and for each rank where its own are among them (U,)."""
        ends_R = np.cumsum([len(ids_U) for ids_U in self.of_rank_now])
        rows_M, places_N = kernels.merge_ids(torch.cat(self.of_rank_now).numpy(), ends_R)
        return rows_M, np.split(places_N, ends_R[:-1])


def _share(num_rows: int, rank: int, count: int) -> slice:
    return slice(num_rows * rank // count, num_rows * (rank + 1) // count)


def _ids_of(coming: tuple[Batch, Touched] | None) -> Tensor:
    return _NO_IDS if coming is None else coming[1].ids_U


def _added(of_rank: Sequence[Tensor]) -> Tensor:
    """Their sum, rank by rank."""
    total = of_rank[0].clone()
    for numbers in of_rank[1:]:
        total += numbers
    return total


def _shapes(tensors: dict[str, Tensor]) -> list[tuple[str, str, list[int]]]:
    return [(name, str(tensor.dtype).removeprefix("torch."), list(tensor.shape)) for name, tensor in tensors.items()]


def _dtype(kind: str) -> torch.dtype:
    return {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64}[kind]


def _change(said: object) -> SetTaskWeights | SetLearningRate | Stop:
    change = intent_from_json(json.dumps(said))
    assert isinstance(change, SetTaskWeights | SetLearningRate | Stop), "rank 0 has dealt with the others"
    return change
