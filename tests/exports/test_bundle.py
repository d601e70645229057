"""A bundle goes out, comes in elsewhere, and is the same run there."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from mmoe_core.exports import EndedRun, ended_run, open_bundle, open_in_child, write_bundle
from mmoe_core.runs import Store, read_checkpoint
from tests.commands.conftest import Terminal
from tests.exports.conftest import home_of


def members(file: Path) -> dict[str, bytes]:
    with ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture
def bundle(changed_run: EndedRun, tmp_path: Path) -> Path:
    file = tmp_path / "run.bundle.zip"
    write_bundle(changed_run, Store(home_of(changed_run) / "runs"), file)
    return file


def test_a_bundle_that_was_opened_makes_the_same_bundle_again(bundle: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "elsewhere" / "runs")
    row = open_bundle(store, bundle)
    again = tmp_path / "again.zip"
    write_bundle(ended_run(store, row.run_id), store, again)
    assert members(again) == members(bundle)
    assert again.read_bytes() == bundle.read_bytes()
    assert not list((tmp_path / "elsewhere" / "runs").glob(".*"))


def test_an_opened_run_is_the_run_that_was_exported(bundle: Path, changed_run: EndedRun, tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    opened = ended_run(store, open_bundle(store, bundle).run_id)
    assert opened.row == changed_run.row
    assert opened.row.name == "改"
    assert opened.records == changed_run.records
    state, expected = (read_checkpoint(run.folder, "final") for run in (opened, changed_run))
    assert state.counters == expected.counters
    assert all(state.tensors[name].equal(tensor) for name, tensor in expected.tensors.items())
    ours, theirs = (
        store.probe_gates(opened.row.run_id),
        Store(home_of(changed_run) / "runs").probe_gates(changed_run.row.run_id),
    )
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_an_id_that_is_taken_becomes_a_fresh_one_and_the_name_stays(bundle: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    first, second = open_bundle(store, bundle), open_bundle(store, bundle)
    assert first.run_id != second.run_id
    assert first.name == second.name
    assert first.created_at == second.created_at
    assert len(store.rows()) == 2
    store.delete(second.run_id)
    assert [row.run_id for row in store.rows()] == [first.run_id]


def test_the_verbs_take_out_and_bring_in_and_then_know_the_run(
    terminal: Terminal, changed_run: EndedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(home_of(changed_run)))
    run_id, file = changed_run.row.run_id, tmp_path / "run.zip"
    said = terminal("export", run_id, "--to", "bundle", str(file), "--json")
    assert said.json == {"run_id": run_id, "to": "bundle", "out": str(file)}
    assert "is there already" in terminal("export", run_id, "--to", "bundle", str(file)).err
    here = {verb: terminal(verb, run_id, "--json").json for verb in ("show", "gates")}
    monkeypatch.setenv("MMOE_HOME", str(tmp_path / "elsewhere"))
    assert terminal("open", str(file), "--json").json == {"run_id": run_id, "state": "stopped"}
    assert {verb: terminal(verb, run_id, "--json").json for verb in ("show", "gates")} == here
    assert terminal("gates", run_id, "--by", "segment", "--json").code == 0
    refused = terminal("open", __file__, "--json")
    assert (refused.code, refused.json["error"]) == (2, "RunError")
    assert "test_bundle.py is not a zip file" in refused.err


def test_a_run_is_exported_by_the_terminal_only_when_it_has_ended(terminal: Terminal, home: Path) -> None:
    from tests.runs import fakes

    run_id = Store().create(fakes.config(), schema=fakes.SCHEMA).run_id
    for way in ("script", "bundle", "predictions"):
        refused = terminal("export", run_id, "--to", way, str(home / "out"), "--json")
        assert (refused.code, refused.json["error"]) == (2, "RunError")
        assert not (home / "out").exists()


def test_a_child_opens_it_with_limits(bundle: Path, home: Path) -> None:
    run_id = open_in_child(bundle, "mine.zip")
    assert ended_run(Store(), run_id).row.name == "改"
    assert json.loads(members(bundle)["run.json"])["run_id"] == run_id
