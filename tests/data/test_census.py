from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from mmoe_core.config import FIRST_KNOWN, SHIPPED, Census
from mmoe_core.data import Dataset, prepare
from mmoe_core.data.census import convert, write_census
from mmoe_core.errors import DatasetError


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Dataset]:
    home = tmp_path_factory.mktemp("home")
    return lambda group: prepare(Census.model_validate({"group": group}), home=home)


@pytest.mark.parametrize(
    ("group", "task", "in_train", "in_test"),
    [
        ("g1", "income", 6.206, 6.201),
        ("g1", "never_married", 43.35, 43.25),
        ("g2", "education", 14.77, 14.72),
        ("g2", "never_married", 43.35, 43.25),
    ],
)
def test_label_rates_are_the_published_ones(
    census: Callable[[str], Dataset], group: str, task: str, in_train: float, in_test: float
) -> None:
    manifest = census(group).manifest
    learn = sum(manifest.positives[split][task] for split in ("train", "validation"))
    assert 100 * learn / 199_523 == pytest.approx(in_train, abs=0.006)
    assert 100 * manifest.positives["test"][task] / 99_762 == pytest.approx(in_test, abs=0.006)


def test_nobody_is_lost_and_test_is_uci_s(census: Callable[[str], Dataset]) -> None:
    rows = census("g1").manifest.rows
    assert rows["train"] + rows["validation"] == 199_523
    assert rows["test"] == 99_762
    assert rows["validation"] == 19_952


def test_labels_of_the_two_tasks_are_related_as_counted(census: Callable[[str], Dataset]) -> None:
    labels = census("g1").split("train").labels_NT
    assert np.corrcoef(labels.T)[0, 1] == pytest.approx(-0.178, abs=0.004)


@pytest.mark.parametrize(
    ("group", "hidden", "shown"),
    [("g1", {"income", "marital status"}, "education"), ("g2", {"education", "marital status"}, "income")],
)
def test_what_is_predicted_is_no_feature(
    census: Callable[[str], Dataset], group: str, hidden: set[str], shown: str
) -> None:
    schema = census(group).schema
    fields = {*schema.field_names}
    assert not fields & {*hidden, "instance weight"}
    assert shown in fields
    assert len(fields) == 42 - 3


def test_vocabulary_and_scaling_are_learnt_from_train(census: Callable[[str], Dataset]) -> None:
    dataset = census("g1")
    train = dataset.split("train")
    for column, (field, offset) in enumerate(zip(dataset.schema.id_fields, dataset.schema.offsets, strict=True)):
        local = np.unique(train.ids_NF[:, column]) - offset
        assert set(local[local >= FIRST_KNOWN]) == set(range(FIRST_KNOWN, field.vocabulary_size))
    np.testing.assert_allclose(train.dense_ND.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(train.dense_ND.std(axis=0), 1, atol=2e-3)
    assert np.abs(train.dense_ND).max() < 10  # heavy tails are tamed


def test_a_question_mark_is_missing_and_not_in_universe_is_an_answer(census: Callable[[str], Dataset]) -> None:
    labels = census("g1").vocabulary("migration prev res in sunbelt").tolist()
    assert labels == ["padding", "missing", "rare", "No", "Not in universe", "Yes"]


def test_shipped_files_are_small_and_complete() -> None:
    for part, rows in (("train", 199_523), ("test", 99_762)):
        path = SHIPPED / "census-income" / f"{part}.parquet"
        assert path.stat().st_size < 3_000_000
        found = pq.read_metadata(path)
        assert (found.num_rows, found.num_columns) == (rows, 42)


def test_converting_keeps_every_cell(tmp_path: Path) -> None:
    whole = pq.read_table(SHIPPED / "census-income" / "train.parquet").slice(0, 300)
    for part in ("train", "test"):
        with pyarrow.CompressedOutputStream(str(tmp_path / f"census_income_kdd_{part}.csv.gz"), "gzip") as file:
            pyarrow.csv.write_csv(whole, file)
    convert(tmp_path, tmp_path)
    assert pq.read_table(tmp_path / "test.parquet").equals(whole)


def test_a_missing_shipped_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"data/census-income/train\.parquet is missing"):
        write_census(Census(), tmp_path / "census", shipped=tmp_path)
    assert list(tmp_path.iterdir()) == []
