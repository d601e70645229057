"""A run whose processes a launcher has started: `torchrun --nproc-per-node=2 -m mmoe_core train …`."""

from __future__ import annotations

import os

from ..config import RunConfig
from ..errors import ConfigError, RunError
from .peers import Place
from .process import enlist, reopen
from .row import RunRow
from .store import Store
from .worker import LOCK_VARIABLE, work

__all__ = ["resume_launched", "train_launched"]


def train_launched(config: RunConfig, name: str, place: Place, *, store: Store) -> RunRow:
    """Begin a run and be its rank 0, until it ends. How many processes there are is what the launcher says.

    Raises:
        ConfigError: as `submit`.
        DatasetError: as `submit`.
        RunError: the same choices are being trained already.
    """
    train = config.train.model_copy(update={"num_processes": place.count})
    config = config.model_copy(update={"train": train})
    row, lock = enlist(config, name, store, num_here=place.on_this_machine)
    if lock is None:
        raise RunError("The same choices are being trained already, as run {run_id}.", run_id=row.run_id)
    os.environ[LOCK_VARIABLE] = str(lock.descriptor)  # this process is its own child
    return work(row.run_id, store=store, for_life=True)


def resume_launched(run_id: str, place: Place, *, store: Store) -> RunRow:
    """Go on with an interrupted run, and be its rank 0.

    Raises:
        ConfigError: there are more or fewer processes than the run had.
        RunError: there is no such run, or it was not interrupted.
    """
    count = store.row(run_id).config.train.num_processes
    if count != place.count:
        raise ConfigError(
            "Run {run_id} has {count} processes, and {started} were started. Start as many as it has.",
            run_id=run_id,
            count=count,
            started=place.count,
        )
    os.environ[LOCK_VARIABLE] = str(reopen(store, run_id).descriptor)
    return work(run_id, store=store, for_life=True)
