from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.data import import_ali_ccp_csv
from mmoe_core.errors import DatasetError

AliCcpTable = Callable[..., pd.DataFrame]
Damage = Callable[[pd.DataFrame], pd.DataFrame]


def cell(column: str, value: object, *rows: int) -> Damage:
    def damage(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.astype({column: object})
        frame.loc[list(rows), column] = value
        return frame

    return damage


def refusal(tmp_path: Path, text: str | bytes, name: str = "bad.csv") -> str:
    """What an import of this file says; it must leave nothing behind."""
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DatasetError) as caught:
        import_ali_ccp_csv(path, "bad", home=tmp_path / "home")
    datasets = tmp_path / "home" / "datasets"
    assert not datasets.exists() or list(datasets.iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("damage", "sentences"),
    [
        (cell("click", 2, 10, 11), ["bad.csv, column 'click', row 12: the label '2' is not 0 or 1 (such rows: 2)"]),
        (
            cell("purchase", None, 3),
            ["bad.csv, column 'purchase', row 5: the label '(empty)' is not 0 or 1 (such rows: 1)"],
        ),
        (cell("purchase", "nan", 3), ["column 'purchase', row 5: the label 'nan' is not 0 or 1"]),
        (cell("D508", None, 0), ["column 'D508', row 2: the value '(empty)' is not a number", "(such rows: 1)"]),
        (cell("D508", "NaN", 0, 7), ["column 'D508', row 2: the value 'NaN' is not a number", "(such rows: 2)"]),
        (cell("D853", "inf", 4), ["column 'D853', row 6: the value 'inf' is not a number between -3.4e38 and 3.4e38"]),
        (cell("D853", "1e300", 4), ["column 'D853', row 6: the value '1e300' is not a number between"]),
        (cell("205", "9999999999999999999", 4), ["column '205', row 6: the id '9999999999999999999' is not a whole"]),
        (cell("205", "red shoes", 98), ["column '205', row 100: the id 'red shoes' is not a whole number"]),
        (cell("205", "1.5", 98), ["column '205', row 100: the id '1.5' is not a whole number", "Encode this column"]),
        (lambda f: f.drop(columns=["205", "D508"]), ["row 1: columns missing (2 of Ali-CCP's 33): 205, D508"]),
        (lambda f: f.assign(price=1), ["row 1: columns that Ali-CCP's table does not have (1): price. Remove them."]),
        (lambda f: f.head(0), ["bad.csv has a header but no rows"]),
        (
            lambda f: f.assign(click=0, purchase=0),
            ["bad.csv: train has one class only in every task (click, purchase)"],
        ),
        (lambda f: f.assign(click=1, purchase=1), ["bad.csv: train has one class only in every task"]),
        (lambda f: f.head(1), ["bad.csv: the validation split would have no rows."]),
        (
            lambda f: f.assign(click=0, purchase=1),
            ["bad.csv: the train split would have no rows, since 120 rows are left out: A purchase without a click."],
        ),
        (
            lambda f: f.assign(click=0, purchase=f["click"]),
            ["bad.csv: without the 30 rows that are left out (A purchase without a click.) train has one class only"],
        ),
        (
            lambda f: f.rename(columns={name: f" {name}" for name in f.columns[1:]}),
            ["bad.csv, row 1: the column ' purchase' begins or ends with a space (such columns: 32)"],
        ),
    ],
)
def test_bad_rows_are_refused_by_file_column_row_count_and_remedy(
    tmp_path: Path, ali_ccp_table: AliCcpTable, damage: Damage, sentences: list[str]
) -> None:
    said = refusal(tmp_path, damage(ali_ccp_table(120)).to_csv(index=False))
    for sentence in sentences:
        assert sentence in said
    assert "Nothing was imported." in said


def test_a_value_that_train_s_range_cannot_scale_is_refused(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    for word in ("train", "val", "test"):
        frame = ali_ccp_table(60).assign(D508=lambda f: f["D508"] * 1e-9 - 1)
        (cell("D508", 3e38, 7)(frame) if word == "test" else frame).to_csv(tmp_path / f"{word}.csv", index=False)
    with pytest.raises(
        DatasetError, match=r"test\.csv, column 'D508': the value 3e\+38 is too far from those of train"
    ):
        import_ali_ccp_csv(tmp_path, "bad", home=tmp_path / "home")
    assert list((tmp_path / "home" / "datasets").iterdir()) == []


def test_the_first_faulty_row_is_named_whatever_its_column(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frame = cell("click", 7, 50)(cell("D109_14", "much", 20)(ali_ccp_table(120)))
    assert "column 'D109_14', row 22" in refusal(tmp_path, frame.to_csv(index=False))


def test_a_fault_beyond_the_first_block_is_found_with_its_row(
    tmp_path: Path, ali_ccp_table: AliCcpTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmoe_core.data.csv_reading._BLOCK_BYTES", 8_192)
    frame = cell("301", "top", 2_500)(ali_ccp_table(3_000))
    assert "column '301', row 2,502: the id 'top'" in refusal(tmp_path, frame.to_csv(index=False))


def test_a_row_with_too_few_cells_is_named(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    lines = ali_ccp_table(120).to_csv(index=False).splitlines()
    lines[30] = lines[30].rsplit(",", 4)[0]
    assert "row 31: 29 cells where the header has 33 (such rows: 1)" in refusal(tmp_path, "\n".join(lines))


def test_a_column_that_is_there_twice_is_named(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    frame = ali_ccp_table(120)
    twice = pd.concat([frame, frame[["206"]]], axis=1)
    assert "the column '206' is there 2 times" in refusal(tmp_path, twice.to_csv(index=False))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "bad.csv is empty." in refusal(tmp_path, "")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xfe\x00\x01" * 50, "bad.csv"),
        (b"this is not gzip", "bad.csv.gz"),
        (b"\x1f\x8b\x08\x00", "bad.csv.gz"),
        (gzip.compress(b"")[:10] + b"\x07" * 100, "bad.csv.gz"),
    ],
)
def test_what_is_no_table_at_all_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    assert f"{name} cannot be read as comma-separated UTF-8 text" in refusal(tmp_path, content, name)


def test_a_fault_in_the_last_of_three_files_imports_none(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    for word in ("train", "val", "test"):
        frame = cell("click", 3, 5)(ali_ccp_table(60)) if word == "test" else ali_ccp_table(60)
        frame.to_csv(tmp_path / f"ali_ccp_{word}.csv", index=False)
    with pytest.raises(DatasetError, match=r"ali_ccp_test\.csv, column 'click', row 7: the label '3'"):
        import_ali_ccp_csv(tmp_path, "bad", home=tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_missing_one_of_three_files_is_named(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    for word in ("train", "test"):
        ali_ccp_table(60).to_csv(tmp_path / f"ali_ccp_{word}_sample.csv", index=False)
    with pytest.raises(DatasetError, match=r"but not ali_ccp_val_sample\.csv"):
        import_ali_ccp_csv(tmp_path, "bad", home=tmp_path)


def test_a_folder_without_tables_and_an_absent_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no Ali-CCP table: .* found 0 CSV files"):
        import_ali_ccp_csv(tmp_path, "bad", home=tmp_path)
    with pytest.raises(DatasetError, match="There is no file or folder"):
        import_ali_ccp_csv(tmp_path / "nowhere", "bad", home=tmp_path)


def test_one_class_of_one_task_is_a_warning_only(tmp_path: Path, ali_ccp_table: AliCcpTable) -> None:
    ali_ccp_table(300).assign(purchase=0).to_csv(tmp_path / "all.csv", index=False)
    said = [str(warning) for warning in import_ali_ccp_csv(tmp_path, "mine", home=tmp_path).manifest.warnings]
    assert "Every label of purchase in test is 0: its AUC is undefined there." in said


@pytest.mark.parametrize("name", ["../up", "", "Ünï", ".hidden", "a/b", "x" * 81])
def test_a_name_that_could_be_a_path_is_refused(tmp_path: Path, ali_ccp_table: AliCcpTable, name: str) -> None:
    ali_ccp_table(60).to_csv(tmp_path / "all.csv", index=False)
    with pytest.raises(DatasetError, match="cannot be a dataset's name"):
        import_ali_ccp_csv(tmp_path / "all.csv", name, home=tmp_path / "home")
    assert not (tmp_path / "home").exists()
