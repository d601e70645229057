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
from torch.distributed.distributed_c10d import PrefixStore, ProcessGroupGloo

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
_BETWEEN, _STEP = 0, 1  # tags: a step's numbers are awaited before others are exchanged
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
        gloo: Any = ProcessGroupGloo  # the public functions cannot be told an address
        # A connection for each direction, and what is to come awaited well before it comes: gloo's own thread spins
        # while the main thread holds a connection's lock, for milliseconds where they share a core.
        device = gloo.create_device(hostname=address)  # not what the machine's name resolves to
        self._up, self._down = (
            _group(gloo, PrefixStore(way, store), device, self.rank, self._count) for way in ("up", "down")
        )
        self._ids = _Ids([_NO_IDS] * self._count, [0] * self._count)
        self._arriving: _Arriving | None = None
        self._controls: Controls = NO_CONTROLS
        self._step = 0
        self._is_asked = True  # before the first step of a life

    def close(self) -> None:
        """Let go of the connections: gloo's threads must not outlive the interpreter."""
        self._arriving = self._up = self._down = None

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
                works = [self._up.send([tensor.contiguous()], other, 0) for other in self._others]
            else:
                works = [self._up.recv([tensor], 0, 0)]
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
            self._ids.is_last = coming[0] is None
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
        arriving = self._arriving or self._expect(ids.sizes(num_layers + num_tasks, size), _STEP)
        sent = self._send(mine, _STEP)
        received = [
            torch.split(numbers, [num_layers, num_tasks, 1, len(now) * size, then, 1])
            for numbers, now, then in zip(self._take(arriving, mine, sent), ids.of_rank_now, ids.num_next, strict=True)
        ]
        layers, losses, asked, tables, ids_next, nums_after = zip(*received, strict=True)
        self._is_asked = bool(asked[0].item())
        self._ids = _Ids(
            [bits.view(torch.int32) for bits in ids_next], [int(bits.view(torch.int32)) for bits in nums_after]
        )
        self._arriving = None if ids.is_last else self._expect(self._ids.sizes(num_layers + num_tasks, size), _STEP)
        rows_M, table_MS = _merged(ids.of_rank_now, [rows_US.view(-1, size) for rows_US in tables])
        summed = Gradients(_added(layers).view_as(gradients.layers_1P), rows_M, table_MS)
        return summed, _added(losses)

    def sum(self, numbers: Tensor) -> Tensor:
        """In the order of the ranks."""
        return _added(self._swap(numbers.flatten(), [numbers.numel()] * self._count)).view_as(numbers)

    def gather(self, own_NX: NDArray[np.float32], num_rows: int) -> NDArray[np.float32]:
        """The shares, one after the other."""
        per_row = own_NX.shape[1:]
        shares = [_share(num_rows, rank, self._count) for rank in range(self._count)]
        sizes = [(share.stop - share.start) * int(np.prod(per_row)) for share in shares]
        parts = self._swap(torch.from_numpy(np.ascontiguousarray(own_NX)).flatten(), sizes)
        return torch.cat(parts).numpy().reshape(num_rows, *per_row)

    def _swap(self, mine: Tensor, sizes: Sequence[int]) -> list[Tensor]:
        """Every rank's numbers, by rank; of sizes that all know."""
        arriving = self._expect(sizes, _BETWEEN, mine.dtype)
        return self._take(arriving, mine, self._send(mine, _BETWEEN))

    def _expect(self, sizes: Sequence[int], tag: int, dtype: torch.dtype = torch.float32) -> _Arriving:
        """Say where the others' numbers are to be laid."""
        of_rank = {other: torch.empty(sizes[other], dtype=dtype) for other in self._others}
        return _Arriving(
            of_rank,
            [self._from(other).recv([numbers], other, tag) for other, numbers in of_rank.items() if len(numbers)],
        )

    def _send(self, mine: Tensor, tag: int) -> list[Any]:
        return [self._to(other).send([mine], other, tag) for other in self._others if len(mine)]

    def _take(self, arriving: _Arriving, mine: Tensor, sent: Sequence[Any]) -> list[Tensor]:
        """Every rank's numbers, by rank, once they are here."""
        self._wait([*arriving.works, *sent])
        return [arriving.of_rank.get(rank, mine) for rank in range(self._count)]

    def _to(self, other: int) -> Any:
        return self._up if other > self.rank else self._down

    def _from(self, other: int) -> Any:
        return self._down if other > self.rank else self._up

    def _wait(self, works: Sequence[Any]) -> None:
        try:
            for work in works:
                work.wait()
        except RuntimeError:  # gloo says which address, not who
            raise self._lifeline.loss() from None


@dataclass(frozen=True)
class _Arriving:
    """What the others send, by rank, while it is under way."""

    of_rank: dict[int, Tensor]
    works: list[Any]


@dataclass
class _Ids:
    """The table's rows that this step's batch touches, and what has to be told of the next two batches.

    Attributes:
        of_rank_now: Rank → its ids, ascending, int32.
        num_next: Rank → how many its next batch has.
        mine_next: This rank's, of the next batch.
        num_mine_after: How many it has in the batch after that.
        is_last: Whether there is no next batch.
    """

    of_rank_now: list[Tensor]
    num_next: list[int]
    mine_next: Tensor = field(default=_NO_IDS)
    num_mine_after: int = 0
    is_last: bool = False

    def sizes(self, num_dense: int, size: int) -> list[int]:
        """How long each rank's message is."""
        of_rank = zip(self.of_rank_now, self.num_next, strict=True)
        return [num_dense + 1 + len(now) * size + then + 1 for now, then in of_rank]


def _group(gloo: Any, store: Store, device: Any, rank: int, count: int) -> Any:
    options = gloo._Options()
    options._timeout, options._devices = _PATIENCE, [device]
    return gloo(store, rank, count, options)


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


def _merged(ids_of_rank: Sequence[Tensor], rows_of_rank: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """All ranks' ids (M,), ascending, each once, and the sum of its rows (M, S), rank by rank."""
    ids, rows = ids_of_rank[0].numpy(), rows_of_rank[0].numpy()
    for more_ids, more_rows in zip(ids_of_rank[1:], rows_of_rank[1:], strict=True):
        ids, rows = kernels.merge_rows(ids, rows, more_ids.numpy(), more_rows.numpy())
    return torch.from_numpy(ids), torch.from_numpy(rows)


def _shapes(tensors: dict[str, Tensor]) -> list[tuple[str, str, list[int]]]:
    return [(name, str(tensor.dtype).removeprefix("torch."), list(tensor.shape)) for name, tensor in tensors.items()]


def _dtype(kind: str) -> torch.dtype:
    return {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64}[kind]


def _change(said: object) -> SetTaskWeights | SetLearningRate | Stop:
    change = intent_from_json(json.dumps(said))
    assert isinstance(change, SetTaskWeights | SetLearningRate | Stop), "rank 0 has dealt with the others"
    return change
