from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmoe_core.data.table import TableMapping, ValueColumn, import_table, look, opening
from mmoe_core.errors import DatasetError

Log = Callable[[int], pd.DataFrame]
Refusal = Callable[..., str]


def with_cell(frame: pd.DataFrame, column: str, row: int, value: object) -> str:
    changed = frame.astype({column: object})
    changed.loc[row - 2, column] = value  # a row's number in the file: the header is row 1
    return changed.to_csv(index=False)


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("log.csv", text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("click", 2, "bad.csv, column 'click', row 50: the label '2' is not 0 or 1 (such rows: 1)"),
        ("click", "maybe", "the label 'maybe' is not 0 or 1"),
        ("click", None, "column 'click', row 50: the label '(empty)' is not 0 or 1"),
        ("click", -1, "the label '-1' is not 0 or 1"),
        ("price", "free", "bad.csv, column 'price', row 50: the value 'free' is not a finite number"),
        ("price", "nan", "the value 'nan' is not a finite number"),
        ("price", "inf", "the value 'inf' is not a finite number"),
        ("price", "1e999", "the value '1e999' is not a finite number"),
        ("price", "1e300", "the value '1e300' is not a finite number"),
        ("price", "\x1b[2J", "the value '�[2J' is not a finite number"),
    ],
)
def test_a_bad_cell_is_named_by_column_row_and_count(
    log: Log, refusal: Refusal, column: str, value: object, sentence: str
) -> None:
    said = refusal(with_cell(log(300), column, 50, value))
    assert sentence in said
    assert "drop bad rows" in said


def test_mixed_types_are_counted_and_the_first_is_named(log: Log, refusal: Refusal) -> None:
    frame = log(300).astype({"price": object})
    frame.loc[40::2, "price"] = "cheap"
    assert "column 'price', row 42: the value 'cheap' is not a finite number (such rows: 130)" in refusal(
        frame.to_csv(index=False)
    )


def test_a_negative_value_has_no_logarithm(log: Log, refusal: Refusal, mapping: TableMapping) -> None:
    in_logs = mapping.model_copy(update={"values": (ValueColumn(name="price", is_log=True),)})
    assert "row 9: the value '-3' is below 0" in refusal(with_cell(log(300), "price", 9, -3), in_logs)


def test_what_is_no_moment_is_named(log: Log, refusal: Refusal, mapping: TableMapping) -> None:
    by_time = mapping.model_copy(update={"split": "time", "time": "when"})
    assert "column 'when', row 9: 'yesterday' is no moment" in refusal(
        with_cell(log(300), "when", 9, "yesterday"), by_time
    )


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda text: zipped(text), "is a ZIP archive or a spreadsheet"),
        (lambda text: "", "bad.csv is empty"),
        (lambda text: "\n\n", "bad.csv is empty"),
        (lambda text: text.splitlines()[0] + "\n", "bad.csv has no row that can be used"),
        (lambda text: text.replace("click", "price", 1), "columns 3 and 5 are both called 'price'"),
        (lambda text: text.replace("note", "no\x07te", 1), "the name of column 8, 'no\\x07te', has a character"),
        (lambda text: text.replace("price", "cost", 1), "bad.csv has no column 'price'"),
        (lambda text: text.replace(",", ";"), "it looks separated by semicolon"),
        (lambda text: "\n".join(text.splitlines()[:-1]) + "\nu1,2", "row 301: 2 cells where the header has 8"),
        (lambda text: text.encode("utf-16"), "row 1: byte 1 is no UTF-8 text"),
        (lambda text: text.encode().replace(b"u1,", b"\xff\xfe,", 1), "column 'user', row"),
        (lambda text: ",".join(f"c{n}" for n in range(100_000)) + "\n", "100,000 columns; at most 2,000"),
        (lambda text: "x" * (5 << 20), "row 1 is longer than"),
        (lambda text: text + '"never closed\n' + "x\n" * 3_000_000, "row 302: 1 cells where the header has 8"),
        (lambda text: gzip.compress(text.encode())[:-40], "bad.csv cannot be read as a CSV"),
        (lambda text: b"\x1f\x8b\x08\x00", "bad.csv cannot be read as a CSV"),
        (lambda text: gzip.compress(b"")[:10] + b"\x07" * 500, "bad.csv cannot be read as a CSV"),
        (lambda text: gzip.compress(text.encode() * 99)[:4000] + b"\xff" * 4000, "bad.csv cannot be read as a CSV"),
        (lambda text: b"PAR1" + bytes(100), "bad.csv cannot be read as a CSV (UTF-8) or Parquet table"),
        (lambda text: text.replace(",1,", ",0,"), "one class only"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(
    log: Log, refusal: Refusal, damage: Callable[[str], str | bytes], sentence: str
) -> None:
    frame = log(300).assign(purchase=0)
    assert sentence in refusal(damage(frame.to_csv(index=False)))


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(
    log: Log, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_FREE_BYTES", 1 << 20)
    text = log(300).to_csv(index=False)
    bomb = gzip.compress((text + (text.splitlines()[-1] + "\n") * 500_000).encode())
    assert "unpacks to more than 200 times its size" in refusal(bomb, name="bad.csv.gz")


def test_a_parquet_file_that_asks_for_gigabytes_is_refused(
    tmp_path: Path, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"user": np.zeros(3_000_000, np.int64)}), file, use_dictionary=False)
    monkeypatch.setattr(opening, "_MAX_GROUP_BYTES", 1 << 20)
    assert "would be decoded at once" in refusal(file.getvalue(), name="bad.parquet")


def test_lists_nan_and_wrong_labels_in_parquet_are_refused(log: Log, refusal: Refusal, mapping: TableMapping) -> None:
    def parquet(**columns: object) -> bytes:
        file = io.BytesIO()
        table = pa.Table.from_pandas(log(300), preserve_index=False)
        for name, column in columns.items():
            table = table.set_column(table.column_names.index(name), name, column)
        pq.write_table(table, file)
        return file.getvalue()

    assert "column 'item': it holds list<" in refusal(parquet(item=pa.array([[1]] * 300)), name="bad.parquet")
    odd = pa.array([0.5] * 299 + [float("nan")])
    assert "column 'price', row 301: the value 'nan'" in refusal(parquet(price=odd), name="bad.parquet")
    assert "the label '7' is not 0 or 1 (such rows: 300)" in refusal(
        parquet(click=pa.array([7] * 300)), name="bad.parquet"
    )


def test_a_folder_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(DatasetError, match="There is no file"):
            look(path)


def test_a_bad_column_that_is_not_used_does_no_harm(tmp_path: Path, log: Log, mapping: TableMapping) -> None:
    frame = log(300).rename(columns={"note": "n" * 500})
    content = frame.to_csv(index=False).encode().replace(b"a, b", b"\xff\xfe")
    (tmp_path / "odd.csv").write_bytes(content)
    dataset = import_table(tmp_path / "odd.csv", mapping, tmp_path / "datasets" / "odd")
    assert sum(dataset.manifest.rows.values()) == 300
