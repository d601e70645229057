from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import MISSING, RARE
from mmoe_core.data import Dataset, open_dataset
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.progress import Progress
from mmoe_core.data.table import LabelColumn, TableMapping, ValueColumn, import_table, mapping_from_json, reading
from mmoe_core.data.table.making import STAGES
from mmoe_core.errors import DatasetError

Log = Callable[[int], pd.DataFrame]
Refusal = Callable[..., str]


def imported(frame: pd.DataFrame, mapping: TableMapping, folder: Path, name: str = "mine") -> Dataset:
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    return import_table(path, mapping, folder / "datasets" / name)


def labels_of(dataset: Dataset, field: str, split: str) -> list[str]:
    """The texts of an id field's column, as the file had them."""
    schema = dataset.schema
    column = [found.name for found in schema.id_fields].index(field)
    local = dataset.split(split).ids_NF[:, column] - schema.offsets[column]
    return dataset.vocabulary(field)[local].tolist()


def test_every_cell_comes_back(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(1200)
    dataset = imported(frame, mapping, tmp_path)
    scaling = dataset.manifest.scaling["price"]
    rebuilt = []
    for name in SPLITS:
        split = dataset.split(name)
        rebuilt.append(
            pd.DataFrame(
                {
                    "user": labels_of(dataset, "user", name),
                    "item": labels_of(dataset, "item", name),
                    "price": np.round(split.dense_ND[:, 0] * scaling.scale + scaling.shift, 3),
                    "click": split.labels_NT[:, 0].astype(int),
                    "purchase": np.where(split.observed_NT[:, 1], split.labels_NT[:, 1], 0).astype(int),
                }
            )
        )
    users_of_train = set(rebuilt[0]["user"])
    found = pd.concat(rebuilt)
    known = frame[frame["user"].isin(users_of_train)]
    keys = ["user", "item", "price", "click", "purchase"]
    again = found[found["user"] != "rare"].astype({"item": int}).sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        again, known[keys].sort_values(keys).reset_index(drop=True), check_dtype=False, atol=1e-3
    )
    assert len(found) == len(frame)


def test_no_user_is_in_two_splits_and_each_split_has_its_share(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(3000)
    dataset = imported(frame.assign(copy=frame["user"]), mapping.model_copy(update={"ids": ("user", "item")}), tmp_path)
    assert set(labels_of(dataset, "user", "validation")) == {"rare"}  # a user whom train never saw
    assert set(labels_of(dataset, "user", "test")) == {"rare"}
    assert "rare" not in labels_of(dataset, "user", "train")
    assert dataset.manifest.rows["train"] == pytest.approx(2400, rel=0.15)


def test_a_key_that_is_no_field_splits_all_the_same(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    with_field = imported(log(1200), mapping, tmp_path, "with")
    without = imported(log(1200), mapping.model_copy(update={"ids": ("item",)}), tmp_path, "without")
    assert without.manifest.rows == with_field.manifest.rows
    assert without.schema.user_field is None
    assert with_field.schema.user_field == "user"


@pytest.mark.parametrize("as_text", [False, True])
def test_by_time_train_comes_before_validation_before_test(
    tmp_path: Path, log: Log, mapping: TableMapping, as_text: bool
) -> None:
    frame = log(1000).sample(frac=1, random_state=1)
    frame["moment"] = frame["when"].astype(float)  # the same once more, as a value to look at
    if as_text:
        frame["when"] = pd.to_datetime(frame["when"], unit="D").dt.strftime("%Y-%m-%d %H:%M:%S")
    by_time = mapping.model_copy(
        update={"split": "time", "time": "when", "values": (ValueColumn(name="moment"),), "shares": (0.6, 0.2, 0.2)}
    )
    dataset = imported(frame, by_time, tmp_path)
    assert dict(dataset.manifest.rows) == {"train": 600, "validation": 200, "test": 200}
    train, validation, test = (dataset.split(name).dense_ND[:, 0] for name in SPLITS)
    assert train.max() < validation.min()
    assert validation.max() < test.min()


def test_vocabulary_and_scaling_are_learnt_from_train_only(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(1000)
    frame.loc[900:, "item"] = 777
    frame.loc[900:, "price"] = 1e9
    by_time = mapping.model_copy(update={"split": "time", "time": "when"})
    dataset = imported(frame, by_time, tmp_path)
    assert "777" not in dataset.vocabulary("item")
    train = frame["price"][:800]
    assert dataset.manifest.scaling["price"].shift == pytest.approx(train.mean(), rel=1e-9)
    assert dataset.manifest.scaling["price"].scale == pytest.approx(train.std(ddof=0), rel=1e-9)
    local = dataset.split("test").ids_NF[:, 1] - dataset.schema.offsets[1]
    assert set(local.tolist()) == {RARE}


def test_seldom_is_rare_empty_is_missing_and_a_missing_value_is_the_mean(
    tmp_path: Path, log: Log, mapping: TableMapping
) -> None:
    frame = log(1000).astype({"item": object})
    frame.loc[5, "item"] = "once"
    frame.loc[6:40, "item"] = None
    frame.loc[7, "price"] = None
    at_random = mapping.model_copy(update={"split": "random", "min_frequency": 2})
    dataset = imported(frame, at_random, tmp_path)
    assert "once" not in dataset.vocabulary("item")
    local = np.concatenate([dataset.split(name).ids_NF[:, 1] for name in SPLITS]) - dataset.schema.offsets[1]
    assert (local == MISSING).sum() == 35
    assert (local == RARE).sum() == 1
    dense = np.concatenate([dataset.split(name).dense_ND[:, 0] for name in SPLITS])
    assert (dense == 0).sum() == 1
    warnings = [str(warning) for warning in dataset.manifest.warnings]
    assert "1 of 1000 values of price are missing and stand at train's mean." in warnings
    assert "Rows were split at random, so that one user may be in train and in test." in warnings


def test_a_label_counts_only_where_the_other_one_is_1(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(1200).astype({"purchase": object})
    frame.loc[frame["click"] == 0, "purchase"] = None
    frame.loc[1, "purchase"] = 1  # without a click
    dataset = imported(frame, mapping, tmp_path)
    for name in SPLITS:
        split = dataset.split(name)
        np.testing.assert_array_equal(split.observed_NT[:, 1], split.labels_NT[:, 0] == 1)
        assert split.observed_NT[:, 0].all()
    assert "1 rows have purchase without click; purchase is not observed there." in map(str, dataset.manifest.warnings)


def test_a_condition_of_any_name_is_kept(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(1200).rename(columns={"click": "opened"})
    labels = (LabelColumn(name="opened"), LabelColumn(name="dwell", kind="regression", observed_if="opened"))
    dataset = imported(frame, mapping.model_copy(update={"labels": labels}), tmp_path)
    train = dataset.split("train")
    np.testing.assert_array_equal(train.observed_NT[:, 1], train.labels_NT[:, 0] == 1)
    seen = train.labels_NT[train.observed_NT[:, 1], 1]
    assert seen.mean() == pytest.approx(0, abs=1e-5)
    assert seen.std() == pytest.approx(1, abs=1e-5)
    assert dataset.manifest.scaling["dwell"].raw(0.0) == pytest.approx(
        frame.loc[frame["opened"] == 1, "dwell"].mean(), rel=0.1
    )


def test_a_heavy_tail_is_scaled_in_logarithms(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(600)
    frame["price"] = np.exp(frame["price"] * 10)
    dataset = imported(
        frame, mapping.model_copy(update={"values": (ValueColumn(name="price", is_log=True),)}), tmp_path
    )
    scaling = dataset.manifest.scaling["price"]
    raw = sorted(scaling.raw(float(seen)) for name in SPLITS for seen in dataset.split(name).dense_ND[:, 0])
    np.testing.assert_allclose(raw, sorted(frame["price"]), rtol=1e-4)


def test_csv_parquet_and_their_gzipped_forms_give_the_same_dataset(
    tmp_path: Path, log: Log, mapping: TableMapping
) -> None:
    frame = log(1200)
    frame.to_csv(tmp_path / "plain.csv", index=False)
    frame.to_csv(tmp_path / "packed", index=False, compression="gzip")  # what it is, is told by its content
    frame.to_parquet(tmp_path / "table.parquet")
    (tmp_path / "packed.parquet.gz").write_bytes(gzip.compress((tmp_path / "table.parquet").read_bytes()))
    frame.to_csv(tmp_path / "other.csv", index=False, sep="\t", lineterminator="\r\n", encoding="utf-8-sig")
    made = [
        import_table(tmp_path / name, mapping.model_copy(update={"delimiter": mark}), tmp_path / "datasets" / name)
        for name, mark in (
            ("plain.csv", ","),
            ("packed", ","),
            ("table.parquet", ","),
            ("packed.parquet.gz", ","),
            ("other.csv", "\t"),
        )
    ]  # fmt: skip
    for dataset in made[1:]:
        assert dataset.manifest.checksums["vocabulary.parquet"] == made[0].manifest.checksums["vocabulary.parquet"]
        assert dataset.manifest.checksums["test.parquet"] == made[0].manifest.checksums["test.parquet"]


def test_small_blocks_give_the_same_dataset(
    tmp_path: Path, log: Log, mapping: TableMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = log(2000)
    whole = imported(frame, mapping, tmp_path, "whole")
    monkeypatch.setattr(reading, "BLOCK_BYTES", 4_096)
    blocks = imported(frame, mapping, tmp_path, "blocks")
    for name in SPLITS:
        np.testing.assert_array_equal(blocks.split(name).ids_NF, whole.split(name).ids_NF)
        np.testing.assert_allclose(blocks.split(name).dense_ND, whole.split(name).dense_ND, atol=1e-6)


def test_quoted_delimiters_and_line_ends_inside_cells_are_text(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(600)
    frame["item"] = np.where(frame["item"] > 4, 'red, "new"', "two\nlines")
    dataset = imported(frame, mapping, tmp_path)
    assert dataset.vocabulary("item")[3:].tolist() == ['red, "new"', "two\nlines"]
    assert sum(dataset.manifest.rows.values()) == 600


def test_importing_again_opens_what_is_there_and_other_roles_are_refused(
    tmp_path: Path, log: Log, mapping: TableMapping
) -> None:
    first = imported(log(600), mapping, tmp_path)
    made = (first.folder / "manifest.json").stat().st_mtime_ns
    assert imported(log(600), mapping, tmp_path).manifest == first.manifest
    assert (first.folder / "manifest.json").stat().st_mtime_ns == made
    with pytest.raises(DatasetError, match="made from another table or with other roles"):
        imported(log(600), mapping.model_copy(update={"seed": 1}), tmp_path)
    kept = mapping_from_json((open_dataset(first.folder).folder / "mapping.json").read_bytes())
    assert kept == mapping


def test_bad_rows_can_be_dropped_and_are_counted(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    lines = log(600).to_csv(index=False).splitlines()
    lines[10] = "u1,2"
    lines[20] = lines[20].replace(lines[20].split(",")[2], "free")
    lines[30] = lines[30] + ",more"
    (tmp_path / "odd.csv").write_text("\n".join(lines))
    dataset = import_table(
        tmp_path / "odd.csv", mapping.model_copy(update={"drop_bad_rows": True}), tmp_path / "datasets" / "odd"
    )
    assert sum(dataset.manifest.rows.values()) == 597
    assert {dropped.reason: dropped.rows for dropped in dataset.manifest.dropped} == {
        "A number of cells that is not the header's.": 2,
        "A cell that is not what its column should hold.": 1,
    }


def test_progress_grows_to_the_end(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    told: list[Progress] = []
    log(600).to_csv(tmp_path / "mine.csv", index=False)
    import_table(tmp_path / "mine.csv", mapping, tmp_path / "datasets" / "mine", on_progress=told.append)
    places = [(progress.step, progress.share) for progress in told]
    assert places == sorted(places)
    assert (told[-1].step, told[-1].num_steps, told[-1].share) == (2, 2, pytest.approx(1))
    assert {progress.stage for progress in told} <= set(STAGES)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": []}, "at least 1 item"),
        ({"ids": [], "values": []}, "no id and no value to predict from"),
        ({"ids": ["user", "click"]}, "the column 'click' has two roles"),
        ({"user": None}, "splitting by key needs a user key"),
        ({"split": "time"}, "splitting by time needs a time column"),
        ({"shares": [0.5, 0.1, 0.1]}, "must add up to 1"),
        ({"ids": ["x" * 500]}, "at most 64"),
        ({"ids": ["a\x1b[2J"]}, "cannot be printed"),
        ({"labels": [{"name": "click", "observed_if": "opened"}]}, "which is no other binary label"),
        ({"seed": "soon"}, "valid integer"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping: TableMapping, change: dict[str, object], sentence: str) -> None:
    with pytest.raises(DatasetError) as caught:
        mapping_from_json(json.dumps({**json.loads(mapping.model_dump_json()), **change}))
    assert sentence in str(caught.value)
