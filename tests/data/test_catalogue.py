from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import SAMPLE, SAMPLE_AS_GIVEN, Census, MmoePaper, SimulatedAliCcp, SimulatedFeed, Stored
from mmoe_core.data import (
    Dataset,
    adopt_dataset,
    delete_dataset,
    field_values,
    known_datasets,
    place_for,
    prepare,
    probe_rows,
)
from mmoe_core.errors import DatasetError, NameTaken


def test_the_built_in_datasets_are_known_before_they_exist(tmp_path: Path) -> None:
    known = known_datasets(home=tmp_path)
    assert [dataset.config for dataset in known] == [
        SimulatedAliCcp(),
        SimulatedAliCcp(profile="true-rates", num_rows=300_000),
        SimulatedFeed(),
        MmoePaper(),
        Census(group="g1"),
        Census(group="g2"),
        Stored(name=SAMPLE),
        Stored(name=SAMPLE_AS_GIVEN),
    ]
    assert not any(dataset.is_ready for dataset in known)
    assert [dataset.is_simulated for dataset in known] == [True] * 4 + [False] * 4
    assert [dataset.rows for dataset in known] == [200_000, 300_000, 200_000, 30_000, 299_285, 299_285, 200, 200]


def test_a_prepared_dataset_is_known_with_the_dials_that_made_it(tmp_path: Path) -> None:
    config = SimulatedAliCcp(num_rows=1_000, rho=0.5)
    dataset = prepare(config, home=tmp_path)
    found = known_datasets(home=tmp_path)[-1]
    assert (found.name, found.rows, found.is_ready, found.is_simulated) == (dataset.name, 1_000, True, True)
    assert found.config == config


def test_a_damaged_folder_is_listed_as_not_ready(tmp_path: Path) -> None:
    (tmp_path / "datasets" / "broken").mkdir(parents=True)
    found = known_datasets(home=tmp_path)[-1]
    assert (found.name, found.rows, found.is_ready) == ("broken", None, False)


def test_an_unfinished_import_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "datasets" / ".mine.1234.part").mkdir(parents=True)
    assert len(known_datasets(home=tmp_path)) == 8


@pytest.mark.parametrize("name", [SAMPLE, SAMPLE_AS_GIVEN])
def test_the_absent_sample_says_where_to_get_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match=r"torch-rechub.*train --preset tutorial --data FOLDER"):
        prepare(Stored(name=name), home=tmp_path)


def test_another_absent_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="There is no dataset 'mine' here"):
        prepare(Stored(name="mine"), home=tmp_path)


def test_probe_rows_are_distinct_ascending_and_the_same_for_every_run(simulated: Dataset) -> None:
    split = simulated.split("validation")
    rows = probe_rows(simulated, 500)
    assert rows.dtype == np.int64
    assert len(rows) == 500
    assert (np.diff(rows) > 0).all()
    assert rows[-1] < len(split)
    np.testing.assert_array_equal(rows, probe_rows(simulated, 500))
    np.testing.assert_array_equal(probe_rows(simulated, 10**6), np.arange(len(split)))


def test_an_id_field_says_its_labels(simulated: Dataset) -> None:
    rows = np.array([4, 0, 9])
    groups = field_values(simulated, "test", "122", rows)
    assert groups.tolist() == field_values(simulated, "test", "segment", rows).tolist()
    assert set(groups) <= set(simulated.manifest.segments)


def test_a_value_field_says_fifths_of_train_in_raw_units(simulated: Dataset) -> None:
    rows = np.arange(2_000)
    found = field_values(simulated, "test", "D508", rows)
    names, counts = np.unique(found, return_counts=True)
    assert 2 <= len(names) <= 5
    assert counts.max() < 1_000
    never = field_values(simulated, "test", "508", rows) == "missing"
    assert set(found[never]) == {"≤ 0.6931"}  # ln(1 + 1): no visit, or one


def test_an_unknown_field_is_refused_with_the_choices(simulated: Dataset) -> None:
    with pytest.raises(DatasetError, match=r"no field '999'\. Choose one of 101, .*, segment"):
        field_values(simulated, "test", "999", np.arange(3))


def test_a_folder_from_elsewhere_is_taken_in_as_it_is(simulated: Dataset, tmp_path: Path) -> None:
    taken = adopt_dataset(simulated.folder, "mine", home=tmp_path)
    np.testing.assert_array_equal(taken.split("test").ids_NF, simulated.split("test").ids_NF)
    (mine,) = [known for known in known_datasets(home=tmp_path) if known.name == "mine"]
    assert mine.config == Stored(name="mine")  # its own rows, not those that its dials would make again
    assert adopt_dataset(simulated.folder, "mine", home=tmp_path).manifest == taken.manifest


@pytest.mark.parametrize("damaged", ["train.parquet", "vocabulary.parquet"])
def test_a_damaged_folder_is_not_taken_in(simulated: Dataset, tmp_path: Path, damaged: str) -> None:
    source = tmp_path / "source"
    shutil.copytree(simulated.folder, source)
    (source / damaged).write_bytes(b"something else")
    with pytest.raises(DatasetError, match=rf"{damaged} .* is missing or was changed"):
        adopt_dataset(source, "mine", home=tmp_path)
    assert not (tmp_path / "datasets" / "mine").exists()


def test_a_dataset_can_be_deleted_and_only_by_its_name(simulated: Dataset, tmp_path: Path) -> None:
    adopt_dataset(simulated.folder, "mine", home=tmp_path)
    with pytest.raises(DatasetError, match="There is no dataset"):
        delete_dataset("../datasets/mine", home=tmp_path)
    delete_dataset("mine", home=tmp_path)
    assert not (tmp_path / "datasets" / "mine").exists()


def test_a_name_for_a_dataset_to_be_is_free_and_a_name(tmp_path: Path) -> None:
    assert place_for("mine", home=tmp_path) == tmp_path / "datasets" / "mine"
    (tmp_path / "datasets" / "mine").mkdir(parents=True)
    for taken in ("mine", SimulatedAliCcp().dataset_name, "census-g1"):
        with pytest.raises(NameTaken, match=f"already a dataset '{taken}'"):
            place_for(taken, home=tmp_path)
    for name in ("", "../mine", "Mine", "a b", ".mine", "a" * 81):
        with pytest.raises(DatasetError, match="cannot be a dataset's name"):
            place_for(name, home=tmp_path)
