"""A real run is asked through the real process: what it answers, what it keeps, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmoe_core.analysis.lens import RowTrace, Trace
from mmoe_core.config import RunConfig, from_flat
from mmoe_core.errors import DatasetError, RunError
from mmoe_core.runs import Lens, Store, work

SMALL = {"data.num_rows": "1500", "train.batch_size": "128", "train.epochs": "2", "train.probe_rows": "50"}
SILENT = (sys.executable, "-c", "import time; time.sleep(60)")
DYING = (sys.executable, "-c", "pass")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("home")
        patch.setenv("MMOE_HOME", str(place))
        yield place


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    found = Store(home / "runs")
    yield found
    found.close()


@pytest.fixture(scope="module")
def run_id(store: Store) -> str:
    config: RunConfig = from_flat(SMALL)
    return work(store.create(config, "").run_id, store=store).run_id


@pytest.fixture(scope="module")
def lens(home: Path) -> Iterator[Lens]:
    found = Lens()
    yield found
    found.close()


def test_a_run_answers_with_its_stored_predictions(lens: Lens, store: Store, run_id: str) -> None:
    said = lens.ask(store, run_id, "best", Trace(row=3))
    assert isinstance(said, RowTrace)
    for task in said.tasks:
        labels, scores = store.predictions(run_id, task.task)
        assert task.prediction == pytest.approx(scores[3], abs=1e-6)
        assert task.label == labels[3]
    assert said.segment is not None


def test_weights_of_an_earlier_epoch_answer_otherwise(lens: Lens, store: Store, run_id: str) -> None:
    untrained, best = (lens.ask(store, run_id, epoch, Trace(row=3)) for epoch in (0, "best"))
    assert untrained.levels != best.levels
    gates_BRE = store.probe_gates(run_id, 0)[-1]
    assert gates_BRE.shape[1:] == (2, len(untrained.levels[-1].experts))


def test_an_answer_is_kept_and_needs_no_process_a_second_time(store: Store, run_id: str, lens: Lens) -> None:
    first = lens.ask(store, run_id, "best", Trace(row=5))
    dead = Lens(DYING)
    assert dead.ask(store, run_id, "best", Trace(row=5)) == first
    assert list((store.run_folder(run_id) / "lens").glob("*.part")) == []


def test_an_answer_that_an_older_version_wrote_is_worked_out_anew(store: Store, run_id: str, lens: Lens) -> None:
    first = lens.ask(store, run_id, "best", Trace(row=6))
    for file in (store.run_folder(run_id) / "lens").glob("*.json"):
        file.write_text('{"fields": "of another time"}')
    assert lens.ask(store, run_id, "best", Trace(row=6)) == first


def test_a_refusal_comes_as_the_error_that_it_is(lens: Lens, store: Store, run_id: str) -> None:
    with pytest.raises(DatasetError, match=r"there is no row 999,999"):
        lens.ask(store, run_id, "best", Trace(row=999_999))
    with pytest.raises(RunError, match="has kept no weights of epoch 7"):
        lens.ask(store, run_id, 7, Trace(row=1))
    with pytest.raises(RunError, match="no run"):
        lens.ask(store, "20200101-000000-abcdef", "best", Trace(row=1))


def test_who_takes_too_long_is_ended_and_the_next_question_finds_another(store: Store, run_id: str) -> None:
    slow = Lens(SILENT, seconds=0.3)
    with pytest.raises(RunError, match=r"more than 0\.3 seconds"):
        slow.ask(store, run_id, "best", Trace(row=8))
    assert slow._worker is None


def test_who_dies_is_told_of_in_a_sentence(store: Store, run_id: str) -> None:
    with pytest.raises(RunError, match="ended while it looked"):
        Lens(DYING).ask(store, run_id, "best", Trace(row=9))


def test_the_process_ends_with_who_asks(store: Store, run_id: str) -> None:
    asked = Lens()
    with asked.kept():
        asked.ask(store, run_id, "best", Trace(row=10))
        assert asked._worker is not None
        pid = asked._worker._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
