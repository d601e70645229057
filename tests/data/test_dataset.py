from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, RARE, IdField, Schema, SimulatedAliCcp, TaskSpec, ValueField
from mmoe_core.data import Dataset, open_dataset, prepare
from mmoe_core.data import dataset as reading
from mmoe_core.data.encoding import fit_ids, fit_scaling, scaled
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.writing import DatasetWriter
from mmoe_core.errors import DatasetError

SCHEMA = Schema(
    id_fields=(
        IdField(name="user/../..", vocabulary_size=FIRST_KNOWN + 2),
        IdField(name="item", vocabulary_size=FIRST_KNOWN + 1),
    ),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"), TaskSpec(name="purchase", observed_if="click", label_space="cvr")),
)
LABELS = {"user/../..": ["ann", "bob"], "item": ["pen"]}
ROWS = pa.table(
    {
        "user/../..": pa.array([3, 4, 1], pa.int32()),
        "item": pa.array([3, 2, 3], pa.int32()),
        "price": pa.array([0.5, -1.0, 2.0], pa.float32()),
        "click": pa.array([1, 0, 1], pa.uint8()),
        "purchase": pa.array([1, 0, 0], pa.uint8()),
    }
)


def write(folder: Path, rows: pa.Table = ROWS) -> Dataset:
    with DatasetWriter(folder, SCHEMA, LABELS) as writer:
        for split in SPLITS:
            writer.append(split, rows)
        writer.finish("By hand.")
    return open_dataset(folder)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    split = write(tmp_path / "small").split("test")

    assert split.ids_NF.tolist() == [[3, 3 + 5], [4, 2 + 5], [1, 3 + 5]]  # global: offset of the second field is 5
    assert split.dense_ND.tolist() == [[0.5], [-1.0], [2.0]]
    assert split.labels_NT.tolist() == [[1, 1], [0, 0], [1, 0]]
    assert (split.ids_NF.dtype, split.dense_ND.dtype, split.labels_NT.dtype) == (np.int32, np.float32, np.float32)
    assert split.truth_NT is None
    assert split.segments_N is None
    assert len(split) == 3


def test_a_purchase_after_a_click_is_observed_only_there(tmp_path: Path) -> None:
    assert write(tmp_path / "small").split("train").observed_NT.tolist() == [[True, True], [True, False], [True, True]]


def test_a_label_that_is_not_known_is_not_observed(tmp_path: Path) -> None:
    unknown = ROWS.set_column(3, "click", pa.array([1, None, 0], pa.uint8()))
    split = write(tmp_path / "small", unknown).split("train")
    assert split.observed_NT[:, 0].tolist() == [True, False, True]
    assert split.observed_NT[:, 1].tolist() == [True, False, False]


def test_every_local_id_has_a_label(tmp_path: Path) -> None:
    dataset = write(tmp_path / "small")
    assert dataset.vocabulary("user/../..").tolist() == ["padding", "missing", "rare", "ann", "bob"]
    assert dataset.vocabulary("item").tolist() == ["padding", "missing", "rare", "pen"]
    with pytest.raises(DatasetError, match="no id field 'price'"):
        dataset.vocabulary("price")


def test_no_name_of_a_column_becomes_a_path(tmp_path: Path) -> None:
    write(tmp_path / "small")
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        f"small/{name}"
        for name in (
            "schema.json",
            "manifest.json",
            "vocabulary.parquet",
            "train.parquet",
            "validation.parquet",
            "test.parquet",
        )
    }


def test_the_manifest_counts_rows_and_positives_per_split(tmp_path: Path) -> None:
    manifest = write(tmp_path / "small").manifest
    assert manifest.rows == dict.fromkeys(SPLITS, 3)
    assert manifest.positives == {split: {"click": 2, "purchase": 1} for split in SPLITS}


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with DatasetWriter(tmp_path / "small", SCHEMA, LABELS) as writer:
            writer.append("train", ROWS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_half_way()
    assert list(tmp_path.iterdir()) == []


def test_a_split_without_rows_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "small", SCHEMA, LABELS) as writer:
        writer.append("train", ROWS)
        with pytest.raises(DatasetError, match="small: the validation split would have no rows"):
            writer.finish("By hand.")
    assert list(tmp_path.iterdir()) == []


def test_two_writers_of_the_same_dataset_do_not_disturb_each_other(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "small", SCHEMA, LABELS) as slower:
        for split in SPLITS:
            slower.append(split, ROWS)
        first = write(tmp_path / "small")
        slower.finish("Later.")
    assert open_dataset(tmp_path / "small").manifest.source == first.manifest.source
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


@pytest.mark.parametrize("file", ["test.parquet", "vocabulary.parquet"])
def test_a_changed_file_is_refused_by_name(tmp_path: Path, file: str) -> None:
    dataset = write(tmp_path / "small")
    damaged = bytearray((dataset.folder / file).read_bytes())
    damaged[10] ^= 1
    (dataset.folder / file).write_bytes(damaged)
    with pytest.raises(DatasetError, match=f"{file} of the dataset small .* was changed"):
        (dataset.split("test"), dataset.vocabulary("item"))


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "small")
    (tmp_path / "small" / "manifest.json").write_text('{"source": "x"')
    with pytest.raises(DatasetError, match="'small' is damaged"):
        open_dataset(tmp_path / "small")


def test_a_large_split_is_mapped_and_says_the_same(simulated: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    held = simulated.split("train")
    monkeypatch.setattr(reading, "_MAPPED_FROM_ROWS", 1000)
    for _ in range(2):  # made, then found
        mapped = open_dataset(simulated.folder).split("train")
        assert isinstance(mapped.ids_NF, np.memmap)
        for name in ("ids_NF", "dense_ND", "labels_NT", "observed_NT", "truth_NT", "segments_N"):
            np.testing.assert_array_equal(getattr(mapped, name), getattr(held, name))


def test_vocabularies_are_fitted_on_train_only() -> None:
    local, seen = fit_ids(np.array([5, 5, 2, -1, 7, 2]), num_train=3)
    assert seen.tolist() == [2, 5]
    assert local.tolist() == [FIRST_KNOWN + 1, FIRST_KNOWN + 1, FIRST_KNOWN, MISSING, RARE, FIRST_KNOWN]


def test_scaling_is_fitted_on_train_only_and_can_be_undone() -> None:
    values = np.array([0.0, 3.0, 8.0, 1e9])
    scaling = fit_scaling(values, num_train=3, is_log=True)
    seen = scaled(values, scaling)
    assert seen[:3].mean() == pytest.approx(0, abs=1e-6)
    assert seen[:3].std() == pytest.approx(1, abs=1e-6)
    assert scaling.raw(float(seen[1])) == pytest.approx(3.0, rel=1e-5)


def test_a_constant_value_scales_to_zero() -> None:
    assert scaled(np.full(4, 7.0), fit_scaling(np.full(4, 7.0), 4)).tolist() == [0, 0, 0, 0]


def test_preparing_twice_opens_what_is_there(tmp_path: Path) -> None:
    config = SimulatedAliCcp(num_rows=1_000)
    first = prepare(config, home=tmp_path)
    made = (first.folder / "manifest.json").stat().st_mtime_ns
    assert (prepare(config, home=tmp_path).folder / "manifest.json").stat().st_mtime_ns == made
