"""Runs that have ended, trained once for all tests that only take something away from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.config import RunConfig, from_flat
from mmoe_core.exports import EndedRun, ended_run
from mmoe_core.records import SetLearningRate, SetTaskWeights, Stop
from mmoe_core.runs import Store, work
from mmoe_core.training import fit
from tests.commands.conftest import Terminal

SMALL = {
    "data.num_rows": "2000",
    "train.batch_size": "128",
    "train.epochs": "2",
    "train.snapshot_every": "4",
    "train.probe_rows": "150",
}
CHANGES = {
    3: [SetTaskWeights(task_weights={"purchase": 3.0})],
    5: [SetLearningRate(learning_rate=0.004), SetTaskWeights(task_weights={"click": 0.5})],
    17: [Stop()],
}


class Changing:
    """Somebody who turns the same knobs every time."""

    def take(self, step: int) -> list[SetTaskWeights | SetLearningRate | Stop]:
        return CHANGES.get(step, [])

    def has_news(self, step: int) -> bool:
        return step in CHANGES


def trained(home: Path, config: RunConfig, *, name: str = "", is_changed: bool = False) -> EndedRun:
    store = Store(home / "runs")
    row = store.create(config, name)

    def changed(config: RunConfig, dataset: object, *, controls: object, resume_from: object) -> object:
        del controls
        return fit(config, dataset, controls=Changing(), resume_from=resume_from)  # type: ignore[arg-type]

    work(row.run_id, store=store, fit=changed if is_changed else None)  # type: ignore[arg-type]
    return ended_run(store, row.run_id)


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> EndedRun:
    """Trained to its end, untouched."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("plain")
        patch.setenv("MMOE_HOME", str(home))
        return trained(home, from_flat(SMALL), name='the "plain"\none \\')


@pytest.fixture(scope="session")
def changed_run(tmp_path_factory: pytest.TempPathFactory) -> EndedRun:
    """Changed while it trained, and stopped."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("changed")
        patch.setenv("MMOE_HOME", str(home))
        return trained(home, from_flat(SMALL), name="改", is_changed=True)


def home_of(run: EndedRun) -> Path:
    return run.folder.parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)
