"""What a reader has not seen: complete, in order, strict JSON, and not more than a screen can show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mmoe_core.errors import RunError, TrainingError
from mmoe_core.runs import Store, delta
from mmoe_core.runs.lock import take_lock
from tests.runs import fakes


def read(body: bytes | None) -> dict[str, Any]:
    assert body is not None

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(body, parse_constant=refuse)  # type: ignore[no-any-return]


def test_reading_on_from_the_cursor_gives_every_record_once(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    records = [fakes.snapshot(0), *(fakes.step_record(step) for step in range(1, 6))]
    store.append(run_id, records[:3])
    first = read(delta(store, run_id))
    store.append(run_id, records[3:])
    second = read(delta(store, run_id, first["cursor"], first["state"]))
    assert first["records"] + second["records"] == [json.loads(record.model_dump_json()) for record in records]
    assert delta(store, run_id, second["cursor"], second["state"]) is None


def test_a_new_state_is_news_even_without_records(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    known = read(delta(store, run_id))
    assert known["state"] == "interrupted"
    store.set_state(run_id, "failed", error=TrainingError("At step {step} it broke – «ok»?", step=3))
    found = read(delta(store, run_id, known["cursor"], known["state"]))
    assert found["state"] == "failed"
    assert found["error"] == {
        "error": "TrainingError",
        "template": "At step {step} it broke – «ok»?",
        "values": {"step": 3},
        "message": "At step 3 it broke – «ok»?",
    }
    assert delta(store, run_id, found["cursor"], "failed") is None


def test_a_waiting_run_is_told_its_place(store: Store) -> None:
    first, second = (store.create(fakes.config(seed=seed)).run_id for seed in (1, 2))
    with take_lock(store.lock_file(first)), take_lock(store.lock_file(second)):  # type: ignore[union-attr]
        assert [read(delta(store, run_id, 0, "queued"))["queue_position"] for run_id in (first, second)] == [1, 2]
    assert read(delta(store, second))["queue_position"] is None


def test_a_long_run_is_thinned_evenly_and_the_rest_is_complete(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    snapshots = [fakes.snapshot(step) for step in range(0, 5_001, 2)]
    steps = [fakes.step_record(step) for step in range(1, 5_001)]
    store.append(run_id, [*snapshots, *steps, fakes.end_record(5_000)])
    found = read(delta(store, run_id))
    by_kind = {kind: [r["step"] for r in found["records"] if r["kind"] == kind] for kind in ("step", "gates", "end")}
    assert by_kind["step"] == [*range(1, 5_000, 3), 5_000]
    assert by_kind["gates"] == list(range(0, 5_000, 64))
    assert by_kind["end"] == [5_000]
    assert delta(store, run_id, found["cursor"], found["state"]) is None


def test_how_tasks_pull_is_kept_but_is_no_news(store: Store) -> None:
    run_id = store.create(fakes.config()).run_id
    store.append(run_id, [fakes.step_record(1), fakes.pulls(1), fakes.step_record(2)])
    found = read(delta(store, run_id))
    assert [(record["kind"], record["step"]) for record in found["records"]] == [("step", 1), ("step", 2)]
    store.append(run_id, [fakes.pulls(step) for step in range(4, 400, 2)])
    assert delta(store, run_id, found["cursor"], found["state"]) is None
    assert len(store.gradients(run_id)) == 199


@pytest.mark.parametrize("run_id", ["../x", "20260101T000000-abcdef"])
def test_there_is_no_news_of_a_run_that_is_not_there(store: Store, run_id: str) -> None:
    with pytest.raises(RunError, match="There is no run"):
        delta(store, run_id)
