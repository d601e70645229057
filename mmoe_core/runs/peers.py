"""The other processes of a run: brought up, briefed, and taken down; and what one of them does.

All are told who they are as `torchrun` tells it, by RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, whoever starts them.
Rank 0 is the run's process: it has the lock and writes the store. The others need neither: they are sent the config,
open the dataset themselves, and end when rank 0 does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import PROJECT, RunConfig, from_json
from ..errors import DatasetError, LabError, RankLost, RunError

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store as Meeting

    from ..data import Dataset
    from ..training.lifeline import Lifeline
    from ..training.ranks import Ranks

__all__ = ["Place", "accompany", "assembled", "place_of"]

_HERE = "127.0.0.1"
_PROGRAM = (sys.executable, "-m", "mmoe_core", "train")
_MEETING_S = 60.0  # to reach who is waiting already
_LAST_BREATH_S = 5.0
_POLL_S = 0.5


@dataclass(frozen=True)
class Place:
    """Where a process stands among those that a launcher has started.

    Attributes:
        rank: Its number, from 0.
        count: Of all.
        on_this_machine: How many of them.
    """

    rank: int
    count: int
    on_this_machine: int


def place_of(environment: Mapping[str, str] = os.environ) -> Place | None:
    """What a launcher has said; None where there is none."""
    if "RANK" not in environment or "WORLD_SIZE" not in environment:
        return None
    count = int(environment["WORLD_SIZE"])
    return Place(int(environment["RANK"]), count, int(environment.get("LOCAL_WORLD_SIZE", count)))


@contextmanager
def assembled(config: RunConfig, dataset: Dataset, home: Path) -> Iterator[Ranks]:
    """All ranks of a run, ready to train; for rank 0. Where no launcher has started the others, they are started here.

    Args:
        config: Of the run.
        dataset: Which every rank must have, row by row.
        home: Where ranks that are started here look for it.

    Raises:
        RankLost: somebody did not come.
        LabError: what kept somebody from coming.
    """
    from ..training.ranks import ALONE

    if config.train.num_processes == 1:
        yield ALONE
        return
    from ..training.gloo import Gloo
    from ..training.lifeline import address_towards, meet

    with _others(config.train.num_processes, home) as (meeting, check):
        address = address_towards(os.environ["MASTER_ADDR"] if place_of() else _HERE)
        lifeline = meet(meeting, 0, config.train.num_processes, address, check)
        with lifeline.alarmed(), _launcher_watched(lifeline):
            checksums = dict(dataset.manifest.checksums)
            lifeline.tell({"config": config.model_dump_json(), "checksums": checksums})
            for other in range(1, lifeline.count):
                lifeline.hear(other)
            with closing(Gloo(lifeline, meeting, address)) as ranks:
                yield ranks


def accompany(place: Place) -> None:
    """Be one of the others, from being told what to train until rank 0 has no need of this process.

    Raises:
        LabError: it cannot train what rank 0 trains; rank 0 is told.
    """
    from ..data import prepare
    from ..training import fit
    from ..training.gloo import Gloo
    from ..training.lifeline import address_towards, meet

    parent = os.getppid()

    def check() -> None:
        if os.getppid() != parent:
            raise RunError("Rank {rank} ends: whoever started it is gone.", rank=place.rank)

    try:
        address = address_towards(os.environ["MASTER_ADDR"])
        meeting = _launchers_meeting()
        lifeline = meet(meeting, place.rank, place.count, address, check)
    except (OSError, RuntimeError) as error:  # of sockets, and of torch's store
        raise RunError(
            "Rank {rank} cannot reach rank 0 at {address}: {reason}. Is it gone, or does something shut the way?",
            rank=place.rank,
            address=os.environ["MASTER_ADDR"],
            reason=str(error).splitlines()[0][:200],
        ) from None
    for number in (signal.SIGINT, signal.SIGTERM):  # rank 0 hears them, and all stop together
        signal.signal(number, signal.SIG_IGN)
    try:
        brief = lifeline.hear()
        config = from_json(brief["config"])
        dataset = prepare(config.data)
        if dict(dataset.manifest.checksums) != brief["checksums"]:
            raise DatasetError(
                "The dataset '{name}' of rank {rank} has other rows than that of rank 0. Copy it from there.",
                name=config.data.dataset_name,
                rank=place.rank,
            )
        lifeline.tell({"ready": True})
        with closing(Gloo(lifeline, meeting, address)) as ranks:
            for event in fit(config, dataset, ranks=ranks):
                del event  # rank 0 says the same
            lifeline.finish()
    except LabError as error:
        lifeline.fail(error)
        raise


@contextmanager
def _others(count: int, home: Path) -> Iterator[tuple[Meeting, Callable[[], None]]]:
    """Where all meet, and what finds out that one of them will not come."""
    if place_of() is not None:
        yield _launchers_meeting(), lambda: None
        return
    from torch.distributed import TCPStore  # type: ignore[attr-defined]

    meeting = TCPStore(_HERE, 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=_MEETING_S))
    environment = os.environ | {
        "MASTER_ADDR": _HERE,
        "MASTER_PORT": str(meeting.port),
        "WORLD_SIZE": str(count),
        "MMOE_HOME": str(home),
    }
    peers = {
        rank: subprocess.Popen(_PROGRAM, cwd=PROJECT, env=environment | {"RANK": str(rank)}, stdin=subprocess.DEVNULL)
        for rank in range(1, count)
    }

    def check() -> None:
        for rank, peer in peers.items():
            if peer.poll() is not None:
                raise RankLost(
                    "Rank {rank} of {count} ended before it could begin (exit code {code}); the run's log says why. "
                    "Resume the run to try again.",
                    rank=rank,
                    count=count,
                    code=peer.returncode,
                )

    try:
        yield meeting, check
    finally:
        deadline = time.monotonic() + _LAST_BREATH_S
        for peer in peers.values():
            try:
                peer.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                peer.kill()
                peer.wait()


@contextmanager
def _launcher_watched(lifeline: Lifeline) -> Iterator[None]:
    """Inside, rank 0 ends soon after its launcher is killed, and so do all; a run of a page outlives its starter."""
    parent, is_over = os.getppid(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_POLL_S):
            if os.getppid() != parent:
                lifeline.lose(
                    RankLost(
                        "The launcher of the {count} ranks (torchrun) is gone. The ranks were ended. The last "
                        "checkpoint is kept: resume the run to go on from there.",
                        count=lifeline.count,
                    )
                )
                return

    if place_of() is not None:
        threading.Thread(target=watch, daemon=True, name="launcher").start()
    try:
        yield
    finally:
        is_over.set()


def _launchers_meeting() -> Meeting:
    from torch.distributed.rendezvous import rendezvous

    meeting, _, _ = next(rendezvous("env://", timeout=timedelta(seconds=_MEETING_S)))
    return meeting  # type: ignore[no-any-return]
