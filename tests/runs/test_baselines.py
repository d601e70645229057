"""Baselines are learnt once, in a process of their own, on the rows of a run, and judged on its test rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmoe_core.analysis import METHODS, fit_baseline
from mmoe_core.config import from_flat
from mmoe_core.data import prepare
from mmoe_core.errors import DatasetError, RunError
from mmoe_core.runs import (
    RunRow,
    Store,
    against_baselines,
    baseline_predictions,
    baselines_of,
    learn_baselines,
    work,
)
from mmoe_core.runs.baselines import baselines_place
from tests.reference.paired_delong import auc_is_above

SMALL = {"data.num_rows": "24000", "train.max_steps": "8", "train.batch_size": "256", "train.probe_rows": "50"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(home))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def trained(home: Path, **more: str) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat({**SMALL, **more})).run_id, store=store)


@pytest.fixture(scope="module")
def run(home: Path) -> RunRow:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMOE_HOME", str(home))
        found = trained(home)
        heard = []
        assert baselines_of(found) is None
        learn_baselines(found, on_progress=heard.append)
        assert [one.step for one in heard if one.share == 0] == [1, 2]
        assert heard[-1].share == 1
    return found


def test_what_is_kept_is_what_scikit_learn_says_here(run: RunRow) -> None:
    dataset = prepare(run.config.data)
    test = dataset.split("test")
    for method in METHODS:
        scores_NT = fit_baseline(dataset, method, lambda share: None)
        for place, task in enumerate(dataset.schema.task_names):
            labels_N, found_N = baseline_predictions(run, method, task)
            assert np.array_equal(labels_N, test.labels_NT[test.observed_NT[:, place], place])
            assert np.allclose(found_N, scores_NT[test.observed_NT[:, place], place], atol=1e-6)


def test_a_run_s_difference_is_delong_s_on_the_same_test_rows(run: RunRow, home: Path) -> None:
    store = Store(home / "runs")
    found, refused = against_baselines([run], store=store)
    assert refused == []
    assert [(one.task, one.method) for one in found] == [
        (task, method) for task in ("click", "purchase") for method in METHODS
    ]
    for one in found:
        labels_N, run_N = store.predictions(run.run_id, one.task)
        difference, above = auc_is_above(labels_N, run_N, baseline_predictions(run, one.method, one.task)[1])
        gain = one.gains[run.run_id]
        assert gain.found.difference == pytest.approx(difference)
        assert gain.found.p == pytest.approx(2 * min(above, 1 - above))
        assert one.positives == int(labels_N.sum())
        assert one.low < one.value < one.high


def test_learnt_once_they_serve_every_run_on_these_rows_but_not_another_reading(run: RunRow, home: Path) -> None:
    report = baselines_of(run)
    other = trained(home, **{"model.kind": "single"})
    assert learn_baselines(other, on_progress=lambda progress: pytest.fail("learnt again")) == report
    assert (report.train_rows, report.learnt_rows) == (len(prepare(run.config.data).split("train")),) * 2
    on_clicks = trained(home, **{"data.label_spaces.purchase": "cvr"})
    assert baselines_of(on_clicks) is None
    found, _ = against_baselines([run, on_clicks], store=Store(home / "runs"))
    assert [len(one.gains) for one in found if one.task == "click"] == [2, 2]
    assert [len(one.gains) for one in found if one.task == "purchase"] == [1, 1]


def test_before_they_are_learnt_there_is_nothing_to_judge(home: Path) -> None:
    elsewhere = trained(home, **{"data.num_rows": "2000"})
    with pytest.raises(RunError, match="have not been learnt"):
        against_baselines([elsewhere], store=Store(home / "runs"))
    with pytest.raises(DatasetError, match="was cancelled; nothing was kept"):
        learn_baselines(elsewhere, is_cancelled=lambda: True)
    assert baselines_of(elsewhere) is None


def test_changed_predictions_are_refused(run: RunRow) -> None:
    file = baselines_place(run) / "linear" / "predictions.parquet"
    kept = file.read_bytes()
    try:
        file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        with pytest.raises(RunError, match=f"Delete the folder baselines/{file.parent.parent.name}"):
            baseline_predictions(run, "linear", "click")
    finally:
        file.write_bytes(kept)


def test_a_child_that_is_killed_leaves_nothing_and_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = trained(home, **{"data.num_rows": "1500"})
    monkeypatch.setattr("mmoe_core.runs.baselines._COMMAND", ["sh", "-c", "kill -9 $$"])
    with pytest.raises(DatasetError, match="ended unexpectedly"):
        learn_baselines(elsewhere)
    assert baselines_of(elsewhere) is None
