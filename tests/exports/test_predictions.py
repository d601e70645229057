"""Predictions: the file that is handed out is described as it is."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from mmoe_core.errors import RunError
from mmoe_core.exports import PREDICTIONS, EndedRun, prediction_columns


def test_the_described_columns_are_those_of_the_file(plain_run: EndedRun) -> None:
    found = pq.read_schema(plain_run.file(PREDICTIONS))
    described = prediction_columns(plain_run.schema)
    assert [(field.name, str(field.type)) for field in found] == [(column.name, column.dtype) for column in described]


def test_the_runs_auc_comes_out_of_its_predictions(plain_run: EndedRun) -> None:
    table = pq.read_table(plain_run.file(PREDICTIONS)).to_pandas()
    assert np.isfinite(table["score:click"]).all()
    observed = table[table["observed:click"]]
    auc = roc_auc_score(observed["label:click"], observed["score:click"])
    assert auc == pytest.approx(plain_run.end.metrics["click"].auc, abs=1e-6)


def test_predictions_that_are_gone_are_said_to_be(plain_run: EndedRun, tmp_path) -> None:
    from dataclasses import replace

    with pytest.raises(RunError, match=r"has no predictions\.parquet in its folder any more"):
        replace(plain_run, folder=tmp_path).file(PREDICTIONS)
