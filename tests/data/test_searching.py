"""Rows are found by what they say, equal to a plain loop; labels by a part of their text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import (
    Dataset,
    field_values,
    find_labels,
    positive_rows,
    prepare,
    rows_that_say,
    value_range,
)
from mmoe_core.errors import DatasetError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MMOE_HOME", str(tmp_path_factory.mktemp("home")))
        made = prepare(SimulatedAliCcp(num_rows=2000))
        made.split("test")
        yield made


@pytest.mark.parametrize("kind", ["id", "value", "segment"])
def test_rows_that_say_something_are_all_that_do(dataset: Dataset, kind: str) -> None:
    schema = dataset.schema
    field = {"id": schema.id_fields[2].name, "value": schema.value_fields[0].name, "segment": "segment"}[kind]
    values = field_values(dataset, "test", field, np.arange(len(dataset.split("test"))))
    said = str(values[7])
    found = rows_that_say(dataset, "test", field, said)
    assert found.tolist() == [row for row, value in enumerate(values) if value == said]
    assert 7 in found


def test_what_no_row_can_say_is_refused(dataset: Dataset) -> None:
    with pytest.raises(DatasetError, match="no value 'blue'"):
        rows_that_say(dataset, "test", dataset.schema.id_fields[0].name, "blue")
    with pytest.raises(DatasetError, match="no field 'colour'"):
        rows_that_say(dataset, "test", "colour", "blue")


def test_positive_rows_are_those_with_the_label(dataset: Dataset) -> None:
    split = dataset.split("test")
    assert positive_rows(split, 1).tolist() == [row for row in range(len(split)) if split.labels_NT[row, 1] == 1]


def test_labels_are_found_by_any_part_best_match_first() -> None:
    labels = np.array(["padding", "missing", "rare", "item 12", "x item 1", "item 1", "Item 3"])
    assert find_labels(labels, " item 1 ", 10) == [5, 3, 4]
    assert find_labels(labels, "item 1", 2) == [5, 3]
    assert find_labels(labels, "ITEM 3", 10) == [6]
    assert find_labels(labels, "pad", 10) == []
    assert find_labels(labels, "nothing", 10) == []


def test_a_value_reaches_as_far_as_train_does(dataset: Dataset) -> None:
    field = dataset.schema.value_fields[0].name
    low, high = value_range(dataset, field)
    raw = [dataset.manifest.scaling[field].raw(float(v)) for v in dataset.split("train").dense_ND[:, 0]]
    assert (low, high) == (min(raw), max(raw))


def test_a_vocabulary_of_a_million_is_searched_while_one_types() -> None:
    labels = np.array([f"item {number}" for number in range(1_000_000)])
    started = time.perf_counter()
    assert find_labels(labels, "item 999999", 5) == [999_999]
    assert time.perf_counter() - started < 3
