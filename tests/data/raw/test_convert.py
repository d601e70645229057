"""The raw log becomes the dataset that a plain reading of it gives, however it is read."""

from __future__ import annotations

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, PADDING, RARE
from mmoe_core.data import Dataset, open_dataset
from mmoe_core.data import dataset as reading
from mmoe_core.data.hashing import uniform
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.raw import RawOptions, blocks, convert_raw, encoding
from mmoe_core.data.raw import reading as reading_raw
from tests.data.raw.some_raw import FIELDS, FIRST_ID, OPTIONS, RawSize, write_raw
from tests.reference.plain_converter import convert_plainly


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
    lines = [line.split(",")[1:4] for line in (raw / "sample_skeleton_train.csv").read_text().splitlines()]
    key_N = np.array([int(key, 16) for click, purchase, key in lines if (click, purchase) != ("0", "1")], np.uint64)
    click_N = np.array([int(click) for click, purchase, _ in lines if (click, purchase) != ("0", "1")])
    is_chosen_N = uniform(key_N, reading_raw._SAMPLE_SEED) < 0.5
    is_held_N = reading_raw.is_validation(key_N, RawOptions())
    for split, is_in_N in (("train", is_chosen_N & ~is_held_N), ("validation", is_chosen_N & is_held_N)):
        found = half.split(split)
        np.testing.assert_array_equal(found.labels_NT[:, 0], click_N[is_in_N])
        assert found.sessions_N is not None
        sizes = np.sort(np.unique(key_N[is_in_N], return_counts=True)[1])
        np.testing.assert_array_equal(np.sort(np.bincount(found.sessions_N)), sizes)
    spread = np.sqrt(click_N.var() / is_chosen_N.sum())
    assert abs(click_N[is_chosen_N].mean() - click_N.mean()) < 3 * spread
    lines_counted = next(found for found in half.manifest.comparisons if found.quantity == "rows of train")
    assert lines_counted.found == 3_000  # labels and rows are counted on the whole file


def test_the_sample_is_independent_of_what_is_held_back_for_validation_at_any_seed(raw: Path) -> None:
    key_N = np.arange(20_000).astype(np.uint64)
    for seed in (0, 1, 2022, 2**32 - 1):
        is_held_N = reading_raw.is_validation(key_N, RawOptions(seed=seed))
        is_chosen_N = uniform(key_N, reading_raw._SAMPLE_SEED) < 0.1
        assert is_held_N[is_chosen_N].mean() == pytest.approx(0.1, abs=0.03)


def test_an_id_that_train_knows_from_another_field_is_rare_in_this_one(raw: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    shutil.copytree(raw, log)
    path = log / "sample_skeleton_test.csv"
    first, *rest = path.read_text().split("\n")
    brand = f"216\x02{FIRST_ID['205']}\x03"  # the commonest item, where a brand should be
    path.write_text("\n".join([re.sub(r"216\x02[0-9]+\x03", brand, first) if "216\x02" in first else
                               f"{first}\x01{brand}1.0", *rest]))  # fmt: skip
    brands = convert_raw(log, tmp_path / "out", OPTIONS).split("test").tokens("216", slice(None))[0]
    assert brands[0, 0] == RARE


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
    assert {str(found) for found in manifest.comparisons} >= {f"share of rows with {name}" for name in FIELDS}
    assert set(manifest.source_checksums) == {
        f"{kind}_{part}.csv" for kind in ("sample_skeleton", "common_features") for part in ("train", "test")
    }


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
