"""Runs of several processes: brought up, paused, killed one by one, resumed; and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mmoe_core.config import MMoE, RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.errors import ConfigError, RankLost
from mmoe_core.records import Continue, Pause, SetLearningRate, StepOnce
from mmoe_core.runs import Place, Store, resume, resume_launched, stop, submit
from mmoe_core.runs.lock import is_held
from mmoe_core.runs.peers import place_of
from mmoe_core.runs.slots import Slot
from tests.runs import fakes
from tests.runs.fakes import until

ROOT = Path(__file__).resolve().parents[2]
DATA, MODEL = SimulatedAliCcp(num_rows=2_000), MMoE(num_experts=3)
SETTINGS = ("data.num_rows=2000", "model.num_experts=3", "train.batch_size=64", "train.epochs=20000")


def config(**train: object) -> RunConfig:
    settings = {"batch_size": 64, "epochs": 20_000, "num_processes": 2, "snapshot_every": 50, "validate_every": 1000}
    return RunConfig(data=DATA, model=MODEL, train=TrainConfig.model_validate(settings | train))


def processes_of(store: Store) -> dict[int, list[str]]:
    """Process → its words, of all that live in a store's home, zombies left out."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if f"MMOE_HOME={store.folder.parent}" in environment and "mmoe_core" in words:
                found[int(folder.name)] = [*words, *(word for word in environment if word.startswith("RANK="))]
    return found


def pid_of_rank(store: Store, rank: int) -> int:
    (pid,) = (
        pid
        for pid, words in processes_of(store).items()
        if f"RANK={rank}" in words and "torch.distributed.run" not in words
    )
    return pid


def nobody_is_left(store: Store) -> bool:
    return not processes_of(store)


def steps(store: Store, run_id: str) -> int:
    return store.row(run_id).steps


def test_a_run_of_two_processes_is_paused_stepped_changed_and_stopped(store: Store) -> None:
    run_id = submit(config(), store=store).run_id
    until(lambda: steps(store, run_id) > 5)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    at = steps(store, run_id)
    store.intend(run_id, StepOnce())
    until(lambda: steps(store, run_id) == at + 1)
    store.intend(run_id, SetLearningRate(learning_rate=0.5))
    store.intend(run_id, Continue())
    until(lambda: steps(store, run_id) > at + 5)
    (change,) = store.records(run_id, ["change"])
    assert change.step in {at + 1, at + 2}
    assert stop(run_id, store=store).state == "stopped"
    assert store.records(run_id)[-1].kind == "end"
    until(lambda: nobody_is_left(store))


@pytest.mark.parametrize("is_paused", [False, True])
def test_a_killed_rank_is_named_nobody_is_left_and_the_run_goes_on_from_its_checkpoint(
    store: Store, is_paused: bool
) -> None:
    run_id = submit(config(max_steps=150), store=store).run_id
    until(lambda: len(store.records(run_id, ["epoch"])) > 1)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    victim = pid_of_rank(store, 1)
    if not is_paused:
        os.kill(victim, signal.SIGSTOP)  # so that it is somewhere within a step
        store.intend(run_id, Continue())
        until(lambda: store.row(run_id).state == "running")
    os.kill(victim, signal.SIGKILL)
    until(lambda: nobody_is_left(store), timeout_s=15)
    row = store.row(run_id)
    assert row.state == "failed"
    assert isinstance(row.error, RankLost)
    assert row.error.values["rank"] == 1
    assert "resume" in str(row.error)
    assert resume(run_id, store=store).is_live
    until(lambda: store.row(run_id).state == "finished")
    said = [record.step for record in store.records(run_id, ["step"])]
    assert said == list(range(1, 151))
    until(lambda: nobody_is_left(store))


def test_rank_0_killed_leaves_an_interrupted_run_and_nobody(store: Store) -> None:
    run_id = submit(config(), store=store).run_id
    until(lambda: steps(store, run_id) > 5)
    os.kill(int(store.raw_row(run_id)["pid"]), signal.SIGKILL)
    until(lambda: nobody_is_left(store), timeout_s=15)
    until(lambda: store.row(run_id).state == "interrupted")


def launched(*words: str) -> subprocess.Popen[str]:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "mmoe_core", *words]
    return subprocess.Popen(torchrun, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_torchrun_trains_and_its_death_ends_the_run_which_torchrun_resumes(store: Store) -> None:
    settings = [word for setting in (*SETTINGS, "train.max_steps=400") for word in ("--set", setting)]
    launcher = launched("train", *settings)
    until(lambda: bool(store.rows()) and len(store.records(store.rows()[0].run_id, ["epoch"])) > 1)
    run_id = store.rows()[0].run_id
    assert store.row(run_id).config.train.num_processes == 2
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    launcher.kill()
    launcher.communicate()
    until(lambda: nobody_is_left(store), timeout_s=15)
    row = store.row(run_id)
    assert row.state == "failed"
    assert "torchrun" in str(row.error)
    launcher = launched("resume", run_id, "--json")
    out, _ = launcher.communicate(timeout=90)
    assert '"state": "finished"' in out.splitlines()[-1]
    assert store.row(run_id).steps == 400
    assert not is_held(store.lock_file(run_id))
    until(lambda: nobody_is_left(store))


def test_a_launcher_starts_as_many_as_the_run_has(store: Store) -> None:
    run_id = store.create(config()).run_id
    with pytest.raises(ConfigError, match="has 2 processes, and 3 were started"):
        resume_launched(run_id, Place(0, 3, 3), store=store)


def test_what_a_launcher_says_is_read() -> None:
    assert place_of({}) is None
    assert place_of({"RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}) == Place(1, 4, 2)


def test_batch_norm_is_refused_where_each_process_sees_a_part_of_the_batch(store: Store) -> None:
    for model in (MMoE(norm="batch"), MMoE(gate_norm="batch")):
        with pytest.raises(ConfigError, match="Choose layer norm"):
            submit(config().model_copy(update={"model": model}), store=store)
    assert store.rows() == []


def test_each_process_needs_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    big = config(num_processes=256, batch_size=1_000_000)
    with pytest.raises(ConfigError, match="fewer processes"):
        submit(big, store=store)


def test_each_process_takes_a_slot_and_gets_all_or_none(store: Store) -> None:
    one, two = (store.create(fakes.config(seed=seed)).run_id for seed in (1, 2))
    single, double = Slot(store, one, 2), Slot(store, two, 2, num_processes=2)
    assert single.take()
    assert not double.take()
    single.release()
    assert double.take()
    assert not single.take()
    double.release()
    many = Slot(store, two, 2, num_processes=5)
    assert many.take()
    many.release()
