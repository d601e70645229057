"""The text files of a simulated log: the real log's raw format, and the tutorials' table."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import import_ali_ccp_csv
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.data.simulator import LogTable, log_table, simulate_true_rates, write_files
from mmoe_core.errors import DatasetError

CONFIG = SimulatedAliCcp(profile="true-rates", num_rows=2_000, seed=8)
FEATURE = re.compile(r"^([0-9]+(?:_14)?)\x02([0-9]+)\x03([0-9]+\.[0-9]{1,5})$")


@pytest.fixture(scope="module")
def table() -> LogTable:
    return log_table(simulate_true_rates(CONFIG), CONFIG.seed)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files") / "raw"
    write_files(CONFIG, folder, "raw")
    return folder


def lines(path: Path) -> list[list[str]]:
    return [line.split(",") for line in path.read_text("ascii").split("\n")[:-1]]


def test_the_four_raw_files_and_nothing_else(raw: Path) -> None:
    assert sorted(path.name for path in raw.iterdir()) == [
        "common_features_test.csv",
        "common_features_train.csv",
        "sample_skeleton_test.csv",
        "sample_skeleton_train.csv",
    ]


def test_skeleton_lines_are_in_the_raw_format_and_lie_together_by_session(raw: Path) -> None:
    found = [*lines(raw / "sample_skeleton_train.csv"), *lines(raw / "sample_skeleton_test.csv")]
    assert [int(line[0]) for line in found] == list(range(1, CONFIG.num_rows + 1))
    for _, click, purchase, key, number, features in found:
        assert (click, purchase) in {("0", "0"), ("1", "0"), ("1", "1")}
        assert re.fullmatch("[0-9a-f]{16}", key)
        assert all(FEATURE.match(feature) for feature in features.split("\x01"))
        assert int(number) == len(features.split("\x01"))
    keys = [line[3] for line in found]
    assert 1 + sum(one != other for one, other in pairwise(keys)) == len(set(keys))


def test_every_session_of_the_skeleton_has_its_common_line(raw: Path) -> None:
    for part in ("train", "test"):
        common = lines(raw / f"common_features_{part}.csv")
        for key, number, features in common:
            assert re.fullmatch("[0-9a-f]{16}", key)
            assert int(number) == len(features.split("\x01"))
            assert all(FEATURE.match(feature) for feature in features.split("\x01"))
        skeleton = lines(raw / f"sample_skeleton_{part}.csv")
        assert {line[0] for line in common} == {line[3] for line in skeleton}
        assert len(common) == len({line[0] for line in common})


def test_a_raw_line_says_what_the_table_says(raw: Path, table: LogTable) -> None:
    for row, line in enumerate(lines(raw / "sample_skeleton_train.csv")[:50]):
        said = sorted(
            (match[1], int(match[2]), float(match[3])) for match in map(FEATURE.match, line[5].split("\x01")) if match
        )
        held = [
            (name, int(raw_id), float(value))
            for name, tokens in table.of_rows.items()
            for raw_id, value in zip(*tokens.of_row(row), strict=True)
        ]
        assert said == sorted(held)


def test_no_id_belongs_to_two_fields(table: LogTable) -> None:
    fields = [*table.of_rows.values(), *table.of_sessions.values()]
    seen = [np.unique(tokens.id_M) for tokens in fields]
    assert sum(map(len, seen)) == len(np.unique(np.concatenate(seen)))
    assert max(ids.max(initial=0) for ids in seen) < 10_000_000


def test_the_csv_is_the_tutorials_table_and_can_be_imported(tmp_path: Path, table: LogTable) -> None:
    folder = tmp_path / "csv"
    write_files(CONFIG, folder, "csv")
    assert sorted(path.name for path in folder.iterdir()) == [
        "ali_ccp_test.csv",
        "ali_ccp_train.csv",
        "ali_ccp_val.csv",
    ]
    train = pd.read_csv(folder / "ali_ccp_train.csv")
    assert (folder / "ali_ccp_train.csv").read_text().startswith("click,purchase,101,121,")
    assert list(train.columns) == [*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES]
    assert train[list(VALUE_NAMES)].to_numpy().min() >= 0
    assert train[list(VALUE_NAMES)].to_numpy().max() == 1
    np.testing.assert_array_equal(train["508"] == 0, table.of_rows["508"].counts()[table.rows["train"]] == 0)
    np.testing.assert_array_equal(train["D508"] == 0, train["508"] == 0)
    imported = import_ali_ccp_csv(folder, "simulated", home=tmp_path)
    assert sum(imported.manifest.rows.values()) == CONFIG.num_rows


def test_the_classroom_has_no_raw_form_and_nothing_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="true-rates"):
        write_files(SimulatedAliCcp(num_rows=1_000), tmp_path / "x", "raw")
    with pytest.raises(DatasetError, match="already there"):
        write_files(CONFIG, tmp_path, "csv")
    assert list(tmp_path.iterdir()) == []
