"""Real processes: started once, killed, resumed, stopped, and none left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from mmoe_core.config import MMoE, RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.data import prepare
from mmoe_core.errors import ConfigError, RunError
from mmoe_core.records import Pause, SetTaskWeights, StepOnce
from mmoe_core.runs import Patience, RunRow, Store, resume, stop, submit
from mmoe_core.runs.files import checkpoint_epochs
from mmoe_core.runs.lock import is_held
from mmoe_core.training import fit
from tests.runs import fakes
from tests.runs.fakes import until

FAKE = (sys.executable, "-m", "tests.runs.fake_program")
DEAF = (
    sys.executable,
    "-c",
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(subprocess.Popen(['sleep', '600']).pid, flush=True)\n"
    "time.sleep(600)",
)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of(store: Store, run_id: str) -> int:
    return int(store.raw_row(run_id)["pid"])


def test_two_who_submit_the_same_at_once_get_one_run_and_a_stop_leaves_no_process(store: Store) -> None:
    found: list[RunRow] = []
    both = [
        threading.Thread(target=lambda: found.append(submit(fakes.config(epochs=10_000), store=store, program=FAKE)))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len({row.run_id for row in found}) == 1
    run_id = found[0].run_id
    until(lambda: store.row(run_id).steps > 2)
    pid = pid_of(store, run_id)
    assert os.getpgid(pid) == pid
    assert stop(run_id, store=store).state == "stopped"
    assert _is_gone_or_zombie(pid)
    assert store.records(run_id)[-1].kind == "end"
    with pytest.raises(RunError, match="only an interrupted run"):
        resume(run_id, store=store, program=FAKE)


def test_a_run_is_live_from_the_moment_it_is_submitted_and_deaf_ones_are_killed_with_their_children(
    store: Store,
) -> None:
    row = submit(fakes.config(), store=store, program=DEAF)
    assert row.state == "queued"
    log = store.run_folder(row.run_id) / "log.txt"
    until(lambda: log.read_text().endswith("\n"))
    child = int(log.read_text())
    stopped = stop(row.run_id, store=store, patience=Patience(asked_s=0.1, told_s=0.3))
    assert stopped.state == "stopped"
    until(lambda: not is_held(store.lock_file(row.run_id)))
    until(lambda: not is_alive(pid_of(store, row.run_id)))
    until(lambda: _is_gone_or_zombie(child))


def test_a_simulation_of_millions_is_left_to_the_runs_process(store: Store) -> None:
    config = RunConfig(data=SimulatedAliCcp(num_rows=5_000_000))
    row = submit(config, store=store, program=(sys.executable, "-c", ""))
    assert row.schema is None
    assert not (store.folder.parent / "datasets").exists()


def test_a_program_that_dies_at_once_leaves_an_interrupted_run(store: Store) -> None:
    row = submit(fakes.config(), store=store, program=(sys.executable, "-c", "raise SystemExit(1)"))
    until(lambda: store.row(row.run_id).state == "interrupted")


def test_what_cannot_be_trained_is_refused_before_there_is_a_run(store: Store) -> None:
    big = fakes.config().model_copy(
        update={
            "model": MMoE(num_experts=256, expert_widths=(4096,) * 8),
            "train": TrainConfig(batch_size=1_000_000),
        }
    )
    with pytest.raises(ConfigError, match="would need"):
        submit(big, store=store, program=FAKE)
    unknown = fakes.config().model_copy(update={"train": TrainConfig(best_by="like")})
    with pytest.raises(ConfigError, match="names the task 'like'"):
        submit(unknown, store=store, program=FAKE)
    assert store.rows() == []


def test_a_killed_run_with_live_changes_resumes_to_the_very_same_stream(store: Store) -> None:
    """The real trainer: paused, stepped, changed, killed with -9, resumed; against one that nothing happened to."""
    config = RunConfig(
        data=SimulatedAliCcp(num_rows=2_000),
        model=MMoE(num_experts=3),
        train=TrainConfig(batch_size=64, epochs=8, max_steps=150, validate_every=20, snapshot_every=5),
    )
    run_id = submit(config, store=store).run_id
    until(lambda: len(store.records(run_id, ["epoch"])) >= 2)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    paused_after = store.row(run_id).steps
    weights = SetTaskWeights(task_weights={"purchase": 20.0})
    store.intend(run_id, weights)
    store.intend(run_id, StepOnce())
    until(lambda: store.row(run_id).steps == paused_after + 1)
    until(lambda: store.row(run_id).state == "paused")
    os.killpg(pid_of(store, run_id), signal.SIGKILL)
    until(lambda: store.row(run_id).state == "interrupted")
    assert resume(run_id, store=store).state == "queued"
    until(lambda: not store.row(run_id).is_live)
    assert store.row(run_id).error is None
    assert store.row(run_id).state == "finished"

    class Changed:
        def take(self, step: int) -> list[SetTaskWeights]:
            return [weights] if step == paused_after + 1 else []

    dataset = prepare(config.data, home=store.folder.parent)
    expected = fakes.said(fit(config, dataset, controls=Changed()))
    assert fakes.timeless(store.records(run_id)) == fakes.timeless(expected)


def test_a_run_killed_in_the_middle_of_an_epoch_goes_on_from_there_to_the_very_same_end(store: Store) -> None:
    config = RunConfig(
        data=SimulatedAliCcp(num_rows=2_000),
        model=MMoE(num_experts=3),
        train=TrainConfig(batch_size=16, epochs=1, save_every=20, validate_every=30, snapshot_every=5),
    )
    run_id = submit(config, store=store).run_id
    folder = store.run_folder(run_id)
    until(lambda: store.row(run_id).steps > 0)
    store.intend(run_id, Pause())
    until(lambda: store.row(run_id).state == "paused")
    while store.row(run_id).steps < 45:
        waiting_for = store.row(run_id).steps + 1
        store.intend(run_id, StepOnce())
        until(lambda step=waiting_for: store.row(run_id).steps >= step)
    last_save = store.row(run_id).steps // 20 * 20
    os.killpg(pid_of(store, run_id), signal.SIGKILL)
    until(lambda: store.row(run_id).state == "interrupted")
    assert [path.name for path in folder.glob("checkpoints/step-*.json")] == [f"step-{last_save}.json"]
    assert checkpoint_epochs(folder) == [0]
    resume(run_id, store=store)
    until(lambda: store.row(run_id).state == "finished")
    assert not list(folder.glob("checkpoints/step-*"))

    undisturbed = submit(config, store=store).run_id
    until(lambda: store.row(undisturbed).state == "finished")
    assert fakes.timeless(store.records(run_id)) == fakes.timeless(store.records(undisturbed))
    for name in ("checkpoints/final.safetensors", "predictions.parquet", "gates/best-level-0.npy"):
        assert (folder / name).read_bytes() == (store.run_folder(undisturbed) / name).read_bytes()


def _is_gone_or_zombie(pid: int) -> bool:
    """A killed grandchild may wait for a parent that never asks; it runs no more."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.parent.parent.exists():  # macOS
        return not is_alive(pid)
    try:
        return stat.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
