"""Ids as they are given: torch-rechub's preprocessing of the processed Ali-CCP table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import FIRST_KNOWN, SAMPLE, SAMPLE_AS_GIVEN
from mmoe_core.data import Dataset, import_ali_ccp_csv, import_in_child, name_as_read
from mmoe_core.data.ali_ccp_schema import ID_NAMES, VALUE_NAMES
from mmoe_core.errors import DatasetError, NameTaken

AliCcpTable = Callable[..., pd.DataFrame]


@pytest.fixture
def tables(tmp_path: Path, ali_ccp_table: AliCcpTable) -> dict[str, pd.DataFrame]:
    """Three files; test has an item and a value that train has never seen."""
    frames = {"train": ali_ccp_table(200), "val": ali_ccp_table(80, seed=2), "test": ali_ccp_table(60, seed=3)}
    small = {name: frame.assign(**{field: frame[field] % 50 for field in ID_NAMES}) for name, frame in frames.items()}
    small["test"].loc[0, "205"] = 77
    small["test"].loc[0, "D508"] = 12.5
    return small


def made(tables: dict[str, pd.DataFrame], home: Path) -> Dataset:
    for word, frame in tables.items():
        frame.to_csv(home / f"ali_ccp_{word}.csv", index=False)
    return import_ali_ccp_csv(home, "mine", vocabulary="as_given", home=home)


def test_an_id_is_its_own_place_and_a_vocabulary_reaches_to_the_largest_of_all_splits(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    dataset = made(tables, tmp_path)
    every = pd.concat(tables.values())
    assert {field.name: field.vocabulary_size for field in dataset.schema.id_fields} == {
        name: every[name].max() + 1 + FIRST_KNOWN for name in ID_NAMES
    }
    for split, word in (("train", "train"), ("validation", "val"), ("test", "test")):
        local_NF = dataset.split(split).ids_NF - np.array(dataset.schema.offsets)
        np.testing.assert_array_equal(local_NF - FIRST_KNOWN, tables[word][list(ID_NAMES)])
    assert dataset.vocabulary("205")[77 + FIRST_KNOWN] == "77"


def test_values_are_left_alone_wherever_they_lie(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    dataset = made(tables, tmp_path)
    np.testing.assert_allclose(dataset.split("test").dense_ND, tables["test"][list(VALUE_NAMES)], rtol=1e-6)


def test_the_manifest_says_so(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    manifest = made(tables, tmp_path).manifest
    assert manifest.vocabulary == "as_given"
    assert "largest id of train, validation and test together" in str(manifest.warnings[0])


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "column '205': 1 ids are missing"),
        (-1, "column '205': the id -1 is no place in a table"),
        (6_000_000, "column '205': the id 6000000 is no place in a table"),
    ],
)
def test_an_id_that_is_no_place_is_refused(
    tables: dict[str, pd.DataFrame], tmp_path: Path, value: int | None, sentence: str
) -> None:
    tables["test"] = tables["test"].astype({"205": "Int64"})
    tables["test"].loc[3, "205"] = value
    with pytest.raises(DatasetError, match=sentence):
        made(tables, tmp_path)
    assert not (tmp_path / "datasets" / "mine").exists()


def test_the_same_files_read_in_two_ways_are_two_datasets(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    made(tables, tmp_path)
    with pytest.raises(NameTaken):
        import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
    assert name_as_read(SAMPLE, "as_given") == SAMPLE_AS_GIVEN
    assert name_as_read("x" * 80, "as_given").endswith("x-as-given")


def test_a_strangers_files_are_read_so_in_the_child_as_well(
    tables: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    for word, frame in tables.items():
        frame.to_csv(tmp_path / f"ali_ccp_{word}.csv", index=False)
    assert import_in_child(tmp_path, "other", vocabulary="as_given").manifest.vocabulary == "as_given"
