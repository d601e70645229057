"""Several real processes on the loopback that call `fit` together: `train_together`.

As a program, one of them: `python -m tests.training.ranks RANK COUNT FOLDER`.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from torch.distributed import FileStore

from mmoe_core.config import RunConfig
from mmoe_core.records import SetLearningRate, SetTaskWeights, Stop
from mmoe_core.training import Event, TrainingState, fit
from mmoe_core.training.gloo import Gloo
from mmoe_core.training.lifeline import meet
from tests.training.tiny import TinyDataset

__all__ = ["Wishes", "train_together"]

ROOT = Path(__file__).resolve().parents[2]
Wish = SetTaskWeights | SetLearningRate | Stop


@dataclass(frozen=True)
class Wishes:
    """Controls that ask for something at given steps."""

    at: dict[int, Sequence[Wish]] = field(default_factory=dict)

    def take(self, step: int) -> Sequence[Wish]:
        return self.at.get(step, ())

    def has_news(self, step: int) -> bool:
        return step in self.at


@dataclass(frozen=True)
class _Work:
    config: RunConfig
    dataset: TinyDataset
    wishes: Wishes
    resume_from: TrainingState | None


def train_together(
    folder: Path,
    config: RunConfig,
    dataset: TinyDataset,
    *,
    count: int = 2,
    wishes: dict[int, Sequence[Wish]] | None = None,
    resume_from: TrainingState | None = None,
) -> list[list[Event]]:
    """What `fit` says on each rank."""
    (folder / "work").write_bytes(pickle.dumps(_Work(config, dataset, Wishes(wishes or {}), resume_from)))
    command = [sys.executable, "-m", "tests.training.ranks"]
    processes = [
        subprocess.Popen(
            [*command, str(rank), str(count), str(folder)], cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        for rank in range(count)
    ]
    assert [process.wait(timeout=100) for process in processes] == [0] * count
    return [pickle.loads((folder / f"said-{rank}").read_bytes()) for rank in range(count)]


def _main(rank: int, count: int, folder: Path) -> None:
    work: _Work = pickle.loads((folder / "work").read_bytes())
    store = FileStore(str(folder / "store"), count)
    lifeline = meet(store, rank, count, "127.0.0.1", lambda: None)
    with lifeline.alarmed():
        controls, state = (work.wishes, work.resume_from) if rank == 0 else (Wishes(), None)
        with closing(Gloo(lifeline, store, "127.0.0.1")) as ranks:
            said = list(fit(work.config, work.dataset, controls=controls, resume_from=state, ranks=ranks))
        (folder / f"said-{rank}").write_bytes(pickle.dumps(said))
        lifeline.finish()


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
