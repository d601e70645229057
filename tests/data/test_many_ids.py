"""What people are shown of fields with several ids and of fields that are kept once per session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mmoe_core.config import MISSING, RARE, IdField, Schema, TaskSpec, ValueField
from mmoe_core.data import Dataset, describe, field_values, inspect_dataset, open_dataset
from mmoe_core.data.writing import DatasetWriter

SCHEMA = Schema(
    id_fields=(
        IdField(name="history", vocabulary_size=6, num_tokens=2, per_session=True),
        IdField(name="item", vocabulary_size=5),
        IdField(name="topics", vocabulary_size=6, num_tokens=3),
    ),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"),),
)
TOPICS = [[3, 4, 0], [5, 4, 3], [MISSING, 0, 0], [RARE, 3, 0]]
WEIGHTS = [[0.2, 0.9, 0], [1, 1, 3], [1, 0, 0], [3, 1, 0]]
HISTORY, HISTORY_WEIGHTS = [[3, 4], [MISSING, 0]], [[1, 2], [1, 0]]  # two sessions
SESSION = [0, 0, 1, 0]


def lists(rows: list[list[float]], kind: pa.DataType) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(rows), kind), len(rows[0]))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    vocabularies = {"history": ["h3", "h4", "h5"], "item": ["i3", "i4"], "topics": ["t3", "t4", "t5"]}
    with DatasetWriter(tmp_path / "many", SCHEMA, vocabularies) as writer:
        for split in ("train", "validation", "test"):
            writer.append_sessions(
                split,
                pa.table(
                    {
                        "history": lists(HISTORY, pa.int32()),
                        "weights:history": lists(HISTORY_WEIGHTS, pa.float32()),
                    }
                ),
            )
            writer.append(
                split,
                pa.table(
                    {
                        "session": pa.array(SESSION, pa.int32()),
                        "item": pa.array([3, 4, 3, 4], pa.int32()),
                        "topics": lists(TOPICS, pa.int32()),
                        "weights:topics": lists(WEIGHTS, pa.float32()),
                        "price": pa.array([0.5, -1, 2, 0], pa.float32()),
                        "click": pa.array([0, 1, 0, 1], pa.uint8()),
                    }
                ),
            )
        writer.finish("Written by hand.")
    return open_dataset(tmp_path / "many")


def test_a_row_says_the_id_with_the_largest_weight(dataset: Dataset) -> None:
    rows = np.array([3, 0, 1, 2])
    assert field_values(dataset, "validation", "topics", rows).tolist() == ["rare", "t4", "t3", "missing"]
    assert field_values(dataset, "validation", "history", rows).tolist() == ["h4", "h4", "h4", "missing"]
    assert field_values(dataset, "validation", "item", rows).tolist() == ["i4", "i3", "i4", "i3"]


def test_missing_and_rare_count_as_they_weigh(dataset: Dataset) -> None:
    summaries = {summary.name: summary for summary in describe(dataset).fields}
    assert (summaries["topics"].missing, summaries["topics"].rare) == (0.25, pytest.approx(0.75 / 4))
    assert (summaries["history"].missing, summaries["history"].rare) == (0.25, 0)
    assert (summaries["item"].missing, summaries["item"].rare, summaries["item"].distinct) == (0, 0, 2)
    assert summaries["price"].mean == pytest.approx(0.375)


def test_the_doctor_reads_them_too(dataset: Dataset) -> None:
    faults = {finding.code for finding in inspect_dataset(dataset) if finding.severity != "information"}
    assert faults == {"rows_of_train"}  # each split is the same four rows
