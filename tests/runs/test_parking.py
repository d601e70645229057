"""A trainer that waits becomes the next run; whatever goes wrong with it, a run is started all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mmoe_core.config import PROJECT, RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.runs import Parking, Store, resume, stop, submit
from tests.runs import fakes
from tests.runs.fakes import until
from tests.runs.test_process import FAKE, is_alive, pid_of

PARKED = (sys.executable, "-m", "tests.runs.fake_parked")
NEVER_WARM = (sys.executable, "-c", "import time; time.sleep(600)")
SERVER = """
import sys, time
from mmoe_core.runs import Parking
parking = Parking(sys.argv[1:])
with parking.kept():
    print(parking._parked.process.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def parking() -> Iterator[Parking]:
    place = Parking(PARKED)
    with place.kept():
        yield place


def waiting_pid(parking: Parking) -> int:
    """Of the trainer that waits, once it is warm."""
    parked = parking._parked
    assert parked is not None
    until(lambda: parked.is_ready)
    return parked.process.pid


def said(store: Store, run_id: str) -> str:
    return (store.run_folder(run_id) / "log.txt").read_text()


def test_who_waits_becomes_the_run_with_its_lock_and_log_and_outlives_its_server(
    store: Store, parking: Parking
) -> None:
    pid = waiting_pid(parking)
    row = submit(fakes.config(epochs=10_000), store=store, program=FAKE, parking=parking)
    assert row.is_live
    assert pid_of(store, row.run_id) == pid == os.getpgid(pid)
    until(lambda: store.row(row.run_id).steps > 2)
    assert said(store, row.run_id) == "taken over\n"
    assert stop(row.run_id, store=store).state == "stopped"
    until(lambda: not is_alive(pid))


def test_after_a_run_the_next_one_waits(store: Store, parking: Parking) -> None:
    first = waiting_pid(parking)
    row = submit(fakes.config(epochs=10_000), store=store, program=FAKE, parking=parking)
    assert parking._parked is None  # nobody warms up beside a run
    stop(row.run_id, store=store)
    until(lambda: parking._parked is not None)
    assert waiting_pid(parking) != first


def test_an_interrupted_run_is_resumed_by_who_waits(store: Store, parking: Parking) -> None:
    row = submit(fakes.config(epochs=10_000), store=store, program=FAKE)
    until(lambda: store.row(row.run_id).steps > 2)
    os.kill(pid_of(store, row.run_id), signal.SIGKILL)
    until(lambda: store.row(row.run_id).state == "interrupted")
    pid = waiting_pid(parking)
    assert resume(row.run_id, store=store, program=FAKE, parking=parking).is_live
    assert pid_of(store, row.run_id) == pid
    until(lambda: store.row(row.run_id).steps > 2)
    stop(row.run_id, store=store)


@pytest.mark.parametrize("fate", ["not warm yet", "dead", "deaf", "nobody"])
def test_where_nobody_can_take_over_a_run_starts_cold(store: Store, fate: str) -> None:
    place = Parking(NEVER_WARM if fate == "not warm yet" else PARKED)
    if fate == "nobody":
        row = submit(fakes.config(epochs=10_000), store=store, program=FAKE, parking=place)
        waiting = None
    else:
        with place.kept():
            assert place._parked is not None
            waiting = place._parked.process.pid if fate == "not warm yet" else waiting_pid(place)
            if fate == "dead":
                os.kill(waiting, signal.SIGKILL)
            if fate == "deaf":
                os.kill(waiting, signal.SIGSTOP)
            row = submit(fakes.config(epochs=10_000), store=store, program=FAKE, parking=place)
        until(lambda: not is_alive(waiting))
    assert pid_of(store, row.run_id) != waiting
    until(lambda: store.row(row.run_id).steps > 2)
    assert stop(row.run_id, store=store).state == "stopped"


def test_who_waits_goes_when_its_server_is_killed() -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, *PARKED], cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert server.stdout is not None
    waiting = int(server.stdout.readline())
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()
    until(lambda: not is_alive(waiting))


def test_the_real_one_warms_up_and_trains(store: Store) -> None:
    place = Parking()
    with place.kept():
        pid = waiting_pid(place)
        config = RunConfig(data=SimulatedAliCcp(num_rows=2_000), train=TrainConfig(batch_size=64, max_steps=5))
        row = submit(config, store=store, parking=place)
        assert pid_of(store, row.run_id) == pid
        until(lambda: store.row(row.run_id).state == "finished")
    assert store.records(row.run_id)[-1].kind == "end"
