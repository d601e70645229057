"""TensorBoard events and MLflow runs: their libraries read back what the run said."""

from __future__ import annotations

import warnings
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from mmoe_core.config import to_flat
from mmoe_core.exports import EndedRun, export
from mmoe_core.records import GateSnapshot, StepRecord
from mmoe_core.runs import Store
from tests.exports.conftest import home_of


def steps(run: EndedRun) -> list[StepRecord]:
    return [record for record in run.records if isinstance(record, StepRecord)]


def snapshots(run: EndedRun) -> list[GateSnapshot]:
    return [record for record in run.records if isinstance(record, GateSnapshot)]


def test_tensorboard_reads_the_run_back(changed_run: EndedRun, tmp_path: Path) -> None:
    reading = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
    )
    export(Store(home_of(changed_run) / "runs"), changed_run.row.run_id, "tensorboard", tmp_path / "events")
    read = reading.EventAccumulator(str(tmp_path / "events"), size_guidance={"scalars": 0, "histograms": 0}).Reload()

    def series(tag: str) -> dict[int, float]:
        return {event.step: event.value for event in read.Scalars(tag)}

    for task in ("click", "purchase"):
        assert series(f"loss/{task}") == pytest.approx(
            {record.step: record.task_losses[task] for record in steps(changed_run)}
        )
        assert series(f"weight/{task}") == {record.step: record.task_weights[task] for record in steps(changed_run)}
        assert series(f"test/auc/{task}")[changed_run.end.step] == pytest.approx(changed_run.end.metrics[task].auc)
    assert series("learning_rate") == pytest.approx(
        {record.step: record.learning_rate for record in steps(changed_run)}
    )
    assert set(series("validation/auc/click")) == {0, 13, 16}
    gates = {shot.step: shot.levels[0].mean_RE[1][3] for shot in snapshots(changed_run)}
    assert series("gates_1/purchase/E4") == pytest.approx(gates)
    histogram = read.Histograms("gates_1/purchase/E4")[-1].histogram_value
    last = snapshots(changed_run)[-1].levels[0]
    assert sum(histogram.bucket) == 150
    assert histogram.sum / histogram.num == pytest.approx(last.mean_RE[1][3])
    assert read.Tensors("config/text_summary")[0].tensor_proto.string_val[0].decode().count("\n") == 1 + len(
        to_flat(changed_run.row.config)
    )


def test_mlflow_reads_the_run_back(changed_run: EndedRun, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="mlflow is not installed")
    pytest.importorskip("sqlalchemy", reason="sqlalchemy, which MLflow's database needs, is not installed")
    export(Store(home_of(changed_run) / "runs"), changed_run.row.run_id, "mlflow", tmp_path / "tracked")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow.tracking import MlflowClient

        place = f"sqlite:///{tmp_path / 'tracked' / 'mlflow.db'}"
        client = MlflowClient(tracking_uri=place, registry_uri=place)
        (experiment,) = client.search_experiments(filter_string="name = 'MMoE Lab'")
        (found,) = client.search_runs([experiment.experiment_id])

        def series(key: str) -> dict[int, float]:
            return {metric.step: metric.value for metric in client.get_metric_history(found.info.run_id, key)}

        assert found.info.run_name == "改"
        assert found.info.status == "FINISHED"
        assert found.data.tags["mmoe_run_id"] == changed_run.row.run_id
        assert found.data.params == {path.replace(".", "/"): of for path, of in to_flat(changed_run.row.config).items()}
        for task in ("click", "purchase"):
            assert series(f"loss/{task}") == {record.step: record.task_losses[task] for record in steps(changed_run)}
            assert series(f"weight/{task}") == {record.step: record.task_weights[task] for record in steps(changed_run)}
            assert series(f"test/auc/{task}") == {changed_run.end.step: changed_run.end.metrics[task].auc}
        assert series("learning_rate") == {record.step: record.learning_rate for record in steps(changed_run)}
        expected = {shot.step: shot.levels[0].mean_RE[0][7] for shot in snapshots(changed_run)}
        assert series("gates_1/click/E8") == expected
        assert np.isclose(sum(series(f"gates_1/click/E{number}")[0] for number in range(1, 9)), 1)


def test_events_come_as_one_zip_file_where_that_is_asked_for(plain_run: EndedRun, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    out = tmp_path / "run.tensorboard.zip"
    export(Store(home_of(plain_run) / "runs"), plain_run.row.run_id, "tensorboard", out)
    (name,) = ZipFile(out).namelist()
    assert name.startswith("run.tensorboard/events.out.tfevents.")
