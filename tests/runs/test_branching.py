"""A branch is its parent up to a step, and from there on what its own choices make of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest

from mmoe_core.config import MMoE, RunConfig, SimulatedAliCcp, TrainConfig
from mmoe_core.data import Dataset
from mmoe_core.errors import ConfigError, RunError
from mmoe_core.records import StepRecord
from mmoe_core.runs import RunRow, Store, branch, branch_points, files, resume, submit, work
from mmoe_core.training import Controls, Event, TrainingState, fit
from tests.runs import fakes
from tests.runs.fakes import until

STAYS = (sys.executable, "-c", "import time; time.sleep(600)")
NOBODY = (sys.executable, "-c", "")


def config(**train: object) -> RunConfig:
    return RunConfig(
        data=SimulatedAliCcp(num_rows=2_000),
        model=MMoE(num_experts=3, gate_dropout=0.1),
        train=TrainConfig.model_validate(
            {"batch_size": 64, "epochs": 5, "validate_every": 20, "snapshot_every": 5, "save_every": 15, **train}
        ),
    )


def trained(store: Store, config: RunConfig, name: str = "") -> RunRow:
    row = work(store.create(config, name).run_id, store=store)
    assert row.error is None
    return row


def branched(store: Store, parent: RunRow, at: int, changes: dict[str, str] | None = None) -> RunRow:
    """A branch whose process is gone at once, then trained here."""
    row = branch(parent.run_id, at, changes or {}, store=store, program=NOBODY)
    until(lambda: not store.has_process(row.run_id))
    row = work(row.run_id, store=store)
    assert row.error is None
    return row


def steps(store: Store, row: RunRow) -> list[StepRecord]:
    return [record for record in store.records(row.run_id, ["step"]) if isinstance(record, StepRecord)]


def test_an_unchanged_branch_of_every_point_says_what_its_parent_says_and_ends_with_its_weights(store: Store) -> None:
    parent = trained(store, config(epochs=3))
    points = branch_points(parent.run_id, store=store)
    per_epoch = points[1].step
    assert [point.step for point in points] == [0, per_epoch, 2 * per_epoch, 3 * per_epoch]
    said = fakes.timeless(store.records(parent.run_id))
    for point in points[:-1]:
        row = branched(store, parent, point.step)
        assert (row.parent_run_id, row.parent_step) == (parent.run_id, point.step)
        assert (row.state, row.steps, row.config) == ("finished", parent.steps, parent.config)
        assert fakes.timeless(store.records(row.run_id)) == said
        for name in ("checkpoints/final.safetensors", "predictions.parquet", "gates/best-level-0.npy"):
            here, there = (store.run_folder(found.run_id) / name for found in (row, parent))
            assert here.read_bytes() == there.read_bytes()
        assert files.gate_epochs(store.run_folder(row.run_id)) == files.gate_epochs(store.run_folder(parent.run_id))


def test_a_branch_killed_twice_goes_on_to_its_parents_very_end(store: Store) -> None:
    """Before its first step, and somewhere in the middle."""
    parent = trained(store, config(epochs=8))
    at = branch_points(parent.run_id, store=store)[1].step
    run_id = branch(parent.run_id, at, {}, store=store, program=STAYS).run_id
    assert store.row(run_id).steps == at
    os.killpg(int(store.raw_row(run_id)["pid"]), signal.SIGKILL)
    until(lambda: store.row(run_id).state == "interrupted")
    resume(run_id, store=store)
    until(lambda: store.row(run_id).steps > at + 5 or not store.row(run_id).is_live)
    pid = int(store.raw_row(run_id)["pid"])
    if store.row(run_id).is_live:
        os.killpg(pid, signal.SIGKILL)
        until(lambda: store.row(run_id).state in ("interrupted", "finished"))
    if store.row(run_id).state == "interrupted":
        resume(run_id, store=store)
    until(lambda: store.row(run_id).state == "finished")
    assert fakes.timeless(store.records(run_id)) == fakes.timeless(store.records(parent.run_id))


def test_a_branch_inside_an_epoch_goes_on_from_the_savepoint(store: Store) -> None:
    whole = config(epochs=2)
    run_id = store.create(whole).run_id
    with pytest.raises(KeyboardInterrupt):
        work(run_id, store=store, fit=partial(interrupted, after=20))
    parent = store.row(run_id)
    point = branch_points(run_id, store=store)[-1]
    assert (point.step, point.epochs, point.checkpoint) == (15, 0, "step-15")
    row = branched(store, parent, 15)
    undisturbed = trained(store, whole)
    assert fakes.timeless(store.records(row.run_id)) == fakes.timeless(store.records(undisturbed.run_id))


def interrupted(
    config: RunConfig, dataset: Dataset, *, after: int, controls: Controls, resume_from: TrainingState | None
) -> Iterator[Event]:
    """The real trainer, whose process ends without a word."""
    for event in fit(config, dataset, controls=controls, resume_from=resume_from):
        yield event
        if isinstance(event, StepRecord) and event.step == after:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    "changes",
    [
        {"train.learning_rate": "0.01"},
        {"train.task_weights.click": "5"},
        {"train.balancing.method": "gradnorm"},
        {"train.schedule": "cosine", "train.clip_norm": "0.1"},
        {"model.gate_temperature": "2"},
        {"model.gate_dropout": "0.5", "model.tower_dropout": "0.2"},
    ],
)
def test_a_changed_branch_parts_from_its_parent_at_the_very_next_step(store: Store, changes: dict[str, str]) -> None:
    parent = trained(store, config(epochs=2))
    at = branch_points(parent.run_id, store=store)[1].step
    row = branched(store, parent, at, changes)
    old, new = (fakes.timeless(list(steps(store, found))) for found in (parent, row))
    assert new[:at] == old[:at]
    assert len(new) == len(old)
    assert all(mine != theirs for mine, theirs in zip(new[at + 1 :], old[at + 1 :], strict=True))


def test_another_balancing_begins_anew_and_the_same_goes_on(store: Store) -> None:
    parent = trained(store, config(epochs=2, balancing={"method": "gradnorm"}))
    at = branch_points(parent.run_id, store=store)[1].step
    assert fakes.timeless(list(steps(store, branched(store, parent, at)))) == fakes.timeless(list(steps(store, parent)))
    anew = steps(store, branched(store, parent, at, {"train.balancing.alpha": "0.5"}))
    assert steps(store, parent)[at].balance != {"click": 1.0, "purchase": 1.0}
    assert anew[at].balance == {"click": 1.0, "purchase": 1.0}
    static = steps(store, branched(store, parent, at, {"train.balancing.method": "static"}))
    assert static[at].balance is None


def test_what_was_set_live_stays_in_force_unless_it_is_changed(store: Store) -> None:
    parent = trained(store, config(epochs=2))
    at = branch_points(parent.run_id, store=store)[1].step
    _set_live(store, parent, at, learning_rate=0.02, task_weights={"click": 3.0, "purchase": 1.0})
    kept = steps(store, branched(store, parent, at))[at]
    assert (kept.learning_rate, kept.task_weights) == (0.02, {"click": 3.0, "purchase": 1.0})
    changes = {"train.learning_rate": "0.001", "train.task_weights.purchase": "7"}
    changed = steps(store, branched(store, parent, at, changes))[at]
    assert (changed.learning_rate, changed.task_weights) == (0.001, {"click": 3.0, "purchase": 7.0})


def _set_live(store: Store, parent: RunRow, at: int, **progress: object) -> None:
    """As if it had been set while the parent trained."""
    folder = store.run_folder(parent.run_id)
    epoch = next(point.epochs for point in branch_points(parent.run_id, store=store) if point.step == at)
    state = files.read_checkpoint(folder, epoch)
    state.counters.update(progress)
    files.write_checkpoint(folder, epoch, state)


def test_more_epochs_go_on_where_a_finished_run_ended(store: Store) -> None:
    short, long = trained(store, config(epochs=2)), trained(store, config(epochs=4))
    row = branched(store, short, short.steps, {"train.epochs": "4"})
    assert fakes.timeless(store.records(row.run_id)) == fakes.timeless(store.records(long.run_id))


def test_a_branch_can_be_branched_and_outlives_its_parent(store: Store) -> None:
    parent = trained(store, config(epochs=3))
    first, second = (point.step for point in branch_points(parent.run_id, store=store)[1:3])
    child = branched(store, parent, first)
    said = store.records(parent.run_id)
    store.delete(parent.run_id)
    grandchild = branched(store, child, second)
    assert (grandchild.parent_run_id, grandchild.parent_step) == (child.run_id, second)
    assert fakes.timeless(store.records(grandchild.run_id)) == fakes.timeless(said)
    assert store.row(child.run_id).parent_run_id == parent.run_id
    with pytest.raises(RunError, match=f"no state of step 0 .* {first}, {second}, "):
        branch(child.run_id, 0, {}, store=store, program=NOBODY)


def test_a_branch_and_a_run_with_the_same_choices_never_stand_for_each_other(store: Store) -> None:
    parent = trained(store, config(epochs=2))
    again = partial(branch, parent.run_id, 0, {}, store=store, program=STAYS)
    begin = partial(submit, parent.config, store=store, program=STAYS)
    rows = [again(), again(), begin(), again(), begin()]
    for pid in {int(store.raw_row(row.run_id)["pid"]) for row in rows}:
        os.killpg(pid, signal.SIGKILL)
    found = [row.run_id for row in rows]
    assert found[4] == found[2]
    assert len(set(found[:4])) == 4


def test_what_the_past_has_settled_is_refused_and_leaves_nothing_behind(store: Store) -> None:
    parent = trained(store, config(epochs=2))
    before = sorted(path.name for path in store.folder.iterdir())
    with pytest.raises(ConfigError, match=r"model\.num_experts decides which weights there are"):
        branch(parent.run_id, 0, {"model.num_experts": "4"}, store=store, program=NOBODY)
    with pytest.raises(ConfigError, match="nothing left to train"):
        branch(parent.run_id, parent.steps, {}, store=store, program=NOBODY)
    with pytest.raises(ConfigError, match="names the task 'like'"):
        branch(parent.run_id, 0, {"train.task_weights.like": "2"}, store=store, program=NOBODY)
    with pytest.raises(RunError, match="no state of step 3 "):
        branch(parent.run_id, 3, {}, store=store, program=NOBODY)
    assert sorted(path.name for path in store.folder.iterdir()) == before
    assert [row.run_id for row in store.rows()] == [parent.run_id]


def test_an_epoch_that_was_cut_short_is_no_point_to_branch_at(store: Store) -> None:
    parent = trained(store, config(epochs=2, max_steps=20, save_every=1_000))
    assert [point.step for point in branch_points(parent.run_id, store=store)] == [0]


def test_branching_loads_no_torch(store: Store) -> None:
    parent = trained(store, config(epochs=2))
    code = (
        "import sys; from mmoe_core.runs import branch;"
        f"branch('{parent.run_id}', 0, {{'train.balancing.method': 'uw'}}, program=(sys.executable, '-c', ''));"
        "sys.exit('torch' in sys.modules)"
    )
    environment = os.environ | {"MMOE_HOME": str(store.folder.parent)}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0
