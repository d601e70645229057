"""The film is the stream: what is stored and what goes out live are, byte for byte, the records that training said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmoe_core.analysis import distance_over_time
from mmoe_core.config import from_flat
from mmoe_core.data import prepare
from mmoe_core.records import GateSnapshot
from mmoe_core.runs import Store, delta, work
from mmoe_core.training import fit

SMALL = {"data.num_rows": "2000", "train.max_steps": "6", "train.snapshot_every": "2", "train.probe_rows": "150"}


@pytest.mark.parametrize("kind", ["mmoe", "one_gate"])
def test_the_stored_film_equals_the_live_stream_byte_for_byte(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    config = from_flat({**SMALL, "model.kind": kind})
    said = [event for event in fit(config, prepare(config.data)) if isinstance(event, GateSnapshot)]
    store = Store(tmp_path / "runs")
    run = work(store.create(config).run_id, store=store)
    stored = [body for _, body in store.bodies(run.run_id, ["gates"])]
    assert [one.model_dump_json() for one in said] == stored
    assert [one.model_dump_json() for one in store.snapshots(run.run_id)] == stored
    live = delta(store, run.run_id)
    assert live is not None
    assert all(body.encode() in live for body in stored)
    films = [one for one in json.loads(live)["records"] if one["kind"] == "gates"]
    assert films == [json.loads(body) for body in stored]
    if kind == "one_gate":
        assert (distance_over_time(said) == 0.0).all()
