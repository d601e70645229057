from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, RARE
from mmoe_core.data import import_ali_ccp_csv
from mmoe_core.data.ali_ccp_schema import ID_NAMES, VALUE_NAMES
from mmoe_core.data.manifest import SPLITS
from mmoe_core.errors import DatasetError

AliCcpTable = Callable[..., pd.DataFrame]


def write_three(folder: Path, table: AliCcpTable, pattern: str = "ali_ccp_{}.csv") -> dict[str, pd.DataFrame]:
    frames = {"train": table(200), "val": table(80, seed=2), "test": table(60, seed=3)}
    for word, frame in frames.items():
        frame.to_csv(folder / pattern.format(word), index=False)
    return frames


def test_the_tutorials_sample_is_imported_with_its_warnings(sample_folder: Path, tmp_path: Path) -> None:
    manifest = import_ali_ccp_csv(sample_folder, "sample", home=tmp_path).manifest

    assert manifest.rows == {"train": 100, "validation": 50, "test": 50}
    assert [manifest.positives[split]["click"] for split in SPLITS] == [7, 3, 2]
    assert [manifest.positives[split]["purchase"] for split in SPLITS] == [1, 1, 1]
    said = [str(warning) for warning in manifest.warnings]
    assert "All rows of train belong to one user." in said
    assert "This AUC rests on 1 positive (purchase, validation)." in said
    assert "This AUC rests on 1 positive (purchase, test)." in said
    assert any(sentence.startswith("18 of 31 fields are constant in train") for sentence in said)


def test_the_sample_s_values_stay_as_the_tutorials_train_on_them(sample_folder: Path, tmp_path: Path) -> None:
    split = import_ali_ccp_csv(sample_folder, "sample", home=tmp_path).split("validation")
    raw = pd.read_csv(sample_folder / "ali_ccp_val_sample.csv")
    np.testing.assert_allclose(split.dense_ND, raw[list(VALUE_NAMES)], atol=1e-6)
    np.testing.assert_array_equal(split.labels_NT, raw[["click", "purchase"]])


@pytest.mark.parametrize("pattern", ["ali_ccp_{}.csv", "ali_ccp_{}_sample.csv", "{}.csv", "ali_ccp_{}.csv.gz"])
def test_three_files_keep_their_rows_in_order(tmp_path: Path, ali_ccp_table: AliCcpTable, pattern: str) -> None:
    frames = write_three(tmp_path, ali_ccp_table, pattern)
    dataset = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
    for split, word in (("train", "train"), ("validation", "val"), ("test", "test")):
        rows, frame = dataset.split(split), frames[word]
        np.testing.assert_array_equal(rows.labels_NT, frame[["click", "purchase"]])
        for column, (name, offset) in enumerate(zip(ID_NAMES, dataset.schema.offsets, strict=True)):
            labels = dataset.vocabulary(name)[rows.ids_NF[:, column] - offset]
            known = np.isin(frame[name], frames["train"][name].unique())
            assert labels.tolist() == np.where(known, frame[name].astype(str), "rare").tolist()


def test_unseen_ids_are_rare_and_empty_cells_missing(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frames = write_three(tmp_path, ali_ccp_table)
    test = frames["test"].astype({"205": object})
    test.loc[0, "205"] = 987_654_321
    test.loc[1, "205"] = None
    test.to_csv(tmp_path / "ali_ccp_test.csv", index=False)

    dataset = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
    column = ID_NAMES.index("205")
    local = dataset.split("test").ids_NF[:, column] - dataset.schema.offsets[column]
    assert local[:2].tolist() == [RARE, MISSING]
    assert (local[2:] >= FIRST_KNOWN).all()
    assert "987654321" not in dataset.vocabulary("205")


def test_a_value_outside_0_to_1_is_scaled_by_the_range_of_train(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frames = write_three(tmp_path, ali_ccp_table)
    for word, frame in frames.items():
        frame.assign(D508=frame["D508"] * 10 + (5 if word == "test" else 0)).to_csv(
            tmp_path / f"ali_ccp_{word}.csv", index=False
        )
    dataset = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
    column = VALUE_NAMES.index("D508")
    train = dataset.split("train").dense_ND[:, column]
    assert (train.min(), train.max()) == (0, 1)
    assert dataset.split("test").dense_ND[:, column].max() > 1  # nothing was fitted on test
    assert dataset.manifest.scaling["D508"].raw(1.0) == pytest.approx(frames["train"]["D508"].max() * 10)


def test_one_file_is_split_by_user(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    table = ali_ccp_table(4_000, num_users=300)
    table.to_csv(tmp_path / "all.csv.gz", index=False)
    dataset = import_ali_ccp_csv(tmp_path / "all.csv.gz", "mine", home=tmp_path)

    rows = dataset.manifest.rows
    assert sum(rows.values()) == 4_000
    assert 0.7 < rows["train"] / 4_000 < 0.9
    column = ID_NAMES.index("101")
    for split in ("validation", "test"):
        local = dataset.split(split).ids_NF[:, column] - dataset.schema.offsets[column]
        assert (local == RARE).all()  # nobody of them is in train


def test_one_file_of_one_user_is_split_by_rows(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    ali_ccp_table(1_000, num_users=1).to_csv(tmp_path / "all.csv", index=False)
    dataset = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)  # the folder's only CSV file
    rows = dataset.manifest.rows
    assert 720 < rows["train"] < 880
    assert sum(rows.values()) == 1_000


def test_the_split_of_one_file_follows_the_seed_only(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    ali_ccp_table(1_000, num_users=100).to_csv(tmp_path / "all.csv", index=False)
    first, again, other = (
        import_ali_ccp_csv(tmp_path / "all.csv", name, home=tmp_path, seed=seed).manifest.checksums["test.parquet"]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again != other


def test_columns_may_come_in_any_order_and_labels_as_floats(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    for word, frame in write_three(tmp_path, ali_ccp_table).items():
        frame.astype({"click": float})[sorted(frame)].to_csv(tmp_path / f"ali_ccp_{word}.csv", index=False)
    assert import_ali_ccp_csv(tmp_path, "mine", home=tmp_path).manifest.positives["train"]["click"] == 50


def test_purchases_without_a_click_are_left_out_and_counted(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frames = write_three(tmp_path, ali_ccp_table)
    frames["train"].assign(purchase=(np.arange(200) < 8).astype(int)).to_csv(
        tmp_path / "ali_ccp_train.csv", index=False
    )
    manifest = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path).manifest
    assert [(dropped.reason, dropped.rows) for dropped in manifest.dropped] == [("A purchase without a click.", 6)]
    assert manifest.rows["train"] == 194


def test_a_long_file_is_read_in_blocks(
    tmp_path: Path, ali_ccp_table: AliCcpTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_three(tmp_path, ali_ccp_table)
    whole = import_ali_ccp_csv(tmp_path, "whole", home=tmp_path)
    monkeypatch.setattr("mmoe_core.data.csv_reading._BLOCK_BYTES", 4_096)
    blocks = import_ali_ccp_csv(tmp_path, "blocks", home=tmp_path)
    assert blocks.schema == whole.schema
    for split in SPLITS:
        np.testing.assert_array_equal(blocks.split(split).ids_NF, whole.split(split).ids_NF)


def test_importing_the_same_files_again_opens_what_is_there(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frames = write_three(tmp_path, ali_ccp_table)
    first = import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
    assert import_ali_ccp_csv(tmp_path, "mine", home=tmp_path).manifest == first.manifest
    frames["val"].head(40).to_csv(tmp_path / "ali_ccp_val.csv", index=False)
    with pytest.raises(DatasetError, match="already a dataset 'mine', made from other files"):
        import_ali_ccp_csv(tmp_path, "mine", home=tmp_path)
