"""The raw log becomes the dataset that a plain reading of it gives, however it is read."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, PADDING, PROJECT, RARE
from mmoe_core.data import Dataset, open_dataset
from mmoe_core.data import dataset as reading
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.raw import Cancelled, RawOptions, Silent, blocks, convert_raw, encoding
from tests.data.raw.some_raw import FIELDS, RawSize, write_raw
from tests.reference.plain_converter import convert_plainly

OPTIONS = RawOptions(history_tokens=10, item_tokens=4, num_threads=1)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw(tmp_path_factory.mktemp("raw") / "log")


@pytest.fixture(scope="module")
def converted(raw: Path) -> Dataset:
    return convert_raw(raw, raw.parent / "converted", OPTIONS)


def assert_equal(one: Dataset, other: Dataset) -> None:
    assert one.schema == other.schema
    assert one.manifest.rows == other.manifest.rows
    for field in one.schema.id_fields:
        np.testing.assert_array_equal(one.vocabulary(field.name), other.vocabulary(field.name))
    for split in SPLITS:
        ours, theirs = one.split(split).take(slice(None)), other.split(split).take(slice(None))
        np.testing.assert_array_equal(ours.ids_BK, theirs.ids_BK)
        np.testing.assert_array_equal(ours.labels_BT, theirs.labels_BT)
        np.testing.assert_allclose(ours.dense_BV, theirs.dense_BV, rtol=1e-6)
        if ours.weights_BK is not None and theirs.weights_BK is not None:
            np.testing.assert_allclose(ours.weights_BK, theirs.weights_BK, rtol=1e-6)


def local_ids(dataset: Dataset, field: str) -> np.ndarray:
    return dataset.split("train").tokens(field, slice(None))[0]


def test_it_says_what_a_plain_reading_says(raw: Path, converted: Dataset, tmp_path: Path) -> None:
    convert_plainly(raw, tmp_path / "plain", OPTIONS)
    assert_equal(converted, open_dataset(tmp_path / "plain"))


@pytest.mark.parametrize(("num_threads", "block_bytes", "rows"), [(2, 6 << 20, 1 << 16), (2, 9_000, 37), (1, 7_000, 5)])
def test_neither_threads_nor_blocks_change_a_number(
    raw: Path,
    converted: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    num_threads: int,
    block_bytes: int,
    rows: int,
) -> None:
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(encoding, "_ROWS_AT_ONCE", rows)
    options = OPTIONS.model_copy(update={"num_threads": num_threads})
    assert_equal(convert_raw(raw, tmp_path / "again", options), converted)


def test_gzip_a_byte_order_mark_and_windows_line_ends_change_nothing(
    raw: Path, converted: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "log").mkdir()
    for path in raw.iterdir():
        text = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
        with gzip.open(tmp_path / "log" / f"{path.name}.gz", "wb") as file:
            file.write(text)
    assert_equal(convert_raw(tmp_path / "log", tmp_path / "out", OPTIONS), converted)


def test_missing_and_rare_and_padding_are_three_things(converted: Dataset) -> None:
    histories, weights = converted.split("train").tokens("109_14", slice(None))
    assert (histories[:, 0] != PADDING).all()
    np.testing.assert_array_equal(weights == 0, histories == PADDING)
    is_missing = histories[:, 0] == MISSING
    assert 0 < is_missing.mean() < 0.5
    assert (weights[is_missing, 0] == 1).all()
    brands = local_ids(converted, "216")
    assert {MISSING, RARE} < set(np.unique(brands).tolist())
    assert PADDING not in brands


def test_what_train_sees_ten_times_has_an_id_of_its_own(raw: Path, tmp_path: Path) -> None:
    often, always = (
        convert_raw(raw, tmp_path / str(least), RawOptions(min_frequency=least, num_threads=1)) for least in (10, 1)
    )
    column = local_ids(always, "205")[:, 0]
    ids, counts = np.unique(column[column >= FIRST_KNOWN], return_counts=True)
    labels = always.vocabulary("205")[ids][counts >= 10]
    assert often.vocabulary("205")[FIRST_KNOWN:].tolist() == labels.tolist()


def test_no_session_is_in_two_splits_and_none_is_torn_apart(raw: Path, converted: Dataset) -> None:
    keys = [line.split(",")[3] for line in (raw / "sample_skeleton_train.csv").read_text().splitlines()]
    assert len(set(keys)) > 20
    sizes = {key: keys.count(key) for key in keys}
    for split in ("train", "validation"):
        sessions = converted.split(split).sessions_N
        assert sessions is not None
        assert len(np.unique(sessions)) <= len(sizes)
        assert (np.diff(sessions) != 0).sum() + 1 == len(np.unique(sessions))  # rows of a session stay together


def test_a_sample_takes_whole_sessions_and_forgets_the_others(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "log", replace(RawSize(), train_rows=3_000, rows_per_session=6))
    half = convert_raw(raw, tmp_path / "half", RawOptions(sample=0.5, num_threads=1))
    rows = half.manifest.rows["train"] + half.manifest.rows["validation"]
    assert 0.4 < rows / 3_000 < 0.6
    lines = next(found for found in half.manifest.comparisons if found.quantity == "rows of train")
    assert lines.found == 3_000  # labels and rows are counted on the whole file


def test_single_values_are_the_table_of_the_tutorials(raw: Path, converted: Dataset, tmp_path: Path) -> None:
    single = convert_raw(raw, tmp_path / "single", RawOptions(single_value=True, num_threads=1))
    assert len(single.schema.field_names) + len(single.schema.task_names) == 33
    assert single.schema.has_one_id_per_field
    train = single.split("train")
    assert train.ids_NF.shape[1] == 23
    assert train.take(slice(0, 5)).weights_BK is None
    many, one = converted.vocabulary("109_14"), single.vocabulary("109_14")
    first = many[local_ids(converted, "109_14")[:, 0]]  # highest value first
    found = one[train.ids_NF[:, 19] - single.schema.offsets[19]]
    is_known = ~np.isin(found, ["rare", "missing"])
    assert is_known.mean() > 0.3
    np.testing.assert_array_equal(found[is_known], first[is_known])


def test_the_manifest_says_what_was_dropped_missing_and_different_from_the_published_log(converted: Dataset) -> None:
    manifest = converted.manifest
    assert [dropped.reason for dropped in manifest.dropped] == ["A purchase without a click."]
    said = [str(warning) for warning in manifest.warnings]
    assert any("name 1 sessions that the common features do not have" in sentence for sentence in said)
    assert str(manifest.verdict).startswith("This is not the complete Ali-CCP: ")
    assert "rows of train: 600 instead of 42,300,135" in str(manifest.verdict)
    assert {found.quantity for found in manifest.comparisons} >= {f"share of rows with {name}" for name in FIELDS}
    assert set(manifest.source_checksums) == {
        f"{kind}_{part}.csv" for kind in ("sample_skeleton", "common_features") for part in ("train", "test")
    }


class Stopping(Silent):
    """Asks to end after some blocks, and notes which stages it saw."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.stages: list[str] = []

    def progress(self, stage: str, done: int, total: int) -> None:
        assert 0 < done <= total
        if stage not in self.stages:
            self.stages.append(stage)

    def is_cancelled(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_what_was_ended_early_goes_on_after_its_last_complete_stage(
    raw: Path, converted: Dataset, tmp_path: Path
) -> None:
    stages = []
    for blocks_allowed in (2, 1, 1):
        watcher = Stopping(blocks_allowed)
        with pytest.raises(Cancelled):
            convert_raw(raw, tmp_path / "out", OPTIONS, watcher=watcher)
        stages.append(watcher.stages)
        assert not (tmp_path / "out").exists()
    last = Stopping(99)
    assert_equal(convert_raw(raw, tmp_path / "out", OPTIONS, watcher=last), converted)
    assert stages[0][0] == "Reading train's impressions"
    assert stages[1][0] == "Reading test's impressions"
    assert last.stages == ["Writing the dataset"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_other_options_or_other_files_start_anew(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        convert_raw(raw, tmp_path / "out", OPTIONS, watcher=Stopping(2))
    copy = tmp_path / "copy"
    shutil.copytree(raw, copy)
    watcher = Stopping(99)
    convert_raw(copy, tmp_path / "out", OPTIONS.model_copy(update={"min_frequency": 2}), watcher=watcher)
    assert watcher.stages[0] == "Reading train's impressions"


def test_a_killed_conversion_leaves_no_dataset_and_goes_on(raw: Path, converted: Dataset, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from mmoe_core.data.raw import *\n"
        "class Killer(Silent):\n"
        "    def progress(self, stage, done, total):\n"
        "        stage == 'Writing the dataset' and os.kill(os.getpid(), signal.SIGKILL)\n"
        f"convert_raw(Path(sys.argv[1]), Path(sys.argv[2]), RawOptions(**{OPTIONS.model_dump()!r}), watcher=Killer())"
    )
    out = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", program, raw, out], check=False, cwd=PROJECT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".out.work"]
    watcher = Stopping(99)
    assert_equal(convert_raw(raw, out, OPTIONS, watcher=watcher), converted)
    assert watcher.stages == ["Writing the dataset"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_large_split_of_many_tokens_is_mapped_and_says_the_same(
    converted: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MAPPED_FROM_ROWS", 100)
    again = open_dataset(converted.folder)
    assert isinstance(again.split("train").session_ids_SC, np.memmap)
    assert_equal(again, converted)


def test_rows_are_taken_in_any_order_and_a_picked_split_says_the_same(converted: Dataset) -> None:
    split = converted.split("train")
    every, rows = split.take(slice(None)), np.array([17, 3, 3, 101])
    for taken in (split.take(rows), split.pick(rows).take(slice(None))):
        np.testing.assert_array_equal(taken.ids_BK, every.ids_BK[rows])
        assert taken.weights_BK is not None
        assert every.weights_BK is not None
        np.testing.assert_array_equal(taken.weights_BK, every.weights_BK[rows])
    assert every.ids_BK.shape[1] == converted.schema.num_id_columns
    for columns, offset, field in zip(
        converted.schema.id_columns, converted.schema.offsets, converted.schema.id_fields, strict=True
    ):
        local = every.ids_BK[:, columns] - offset
        assert local.shape[1] == field.num_tokens
        assert local.min() >= 0
        assert local.max() < field.vocabulary_size
