"""A branch is taken away with its origin; and not as a script that would train something else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from mmoe_core.config import from_flat
from mmoe_core.errors import RunError
from mmoe_core.exports import check_ready, ended_run, open_bundle, write_bundle
from mmoe_core.runs import Store, branch, work
from tests.exports.conftest import SMALL, trained
from tests.runs.fakes import until


def card(bundle: Path) -> dict[str, object]:
    with ZipFile(bundle) as opened:
        found: dict[str, object] = json.loads(opened.read("run.json"))
    return found


def test_a_bundle_of_a_branch_says_where_it_comes_from_and_a_script_of_it_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path / "here" / "runs")
    parent = trained(tmp_path / "here", from_flat(SMALL))
    half = parent.row.steps // 2
    row = branch(
        parent.row.run_id, half, {"train.learning_rate": "0.01"}, store=store, program=(sys.executable, "-c", "")
    )
    until(lambda: not store.has_process(row.run_id))
    work(row.run_id, store=store)
    run = ended_run(store, row.run_id)
    check_ready(run, "bundle")
    with pytest.raises(RunError, match=f"is a branch of {parent.row.run_id}: a script .* after step {half} only"):
        check_ready(run, "script")
    write_bundle(run, store, tmp_path / "branch.zip")
    there = Store(tmp_path / "there" / "runs")
    opened = open_bundle(there, tmp_path / "branch.zip")
    assert (opened.parent_run_id, opened.parent_step) == (parent.row.run_id, half)
    assert there.records(opened.run_id) == store.records(row.run_id)


def test_a_bundle_of_any_other_run_is_what_it_was_before_there_were_branches(tmp_path: Path) -> None:
    run = trained(tmp_path, from_flat(SMALL))
    check_ready(run, "script")
    write_bundle(run, Store(tmp_path / "runs"), tmp_path / "run.zip")
    assert not {"parent_run_id", "parent_step"} & set(card(tmp_path / "run.zip"))
