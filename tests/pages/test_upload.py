"""What a visitor hands in becomes a dataset, or a sentence; its names never become paths."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mmoe_core.data import known_datasets
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.errors import DatasetError
from pages.ui import upload


class Upload(io.BytesIO):
    """As Streamlit hands it on: bytes with a name that the visitor chose."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text.encode())
        self.name = name


def table(rows: int, *, label: str = "1") -> str:
    columns = [*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES]
    lines = [
        ",".join(
            [label if row % 3 == 0 else "0", "0", *(str(row % 7 + 1) for _ in ID_NAMES), *("0.5" for _ in VALUE_NAMES)]
        )
        for row in range(rows)
    ]
    return "\n".join([",".join(columns), *lines]) + "\n"


def test_three_files_become_a_dataset_whatever_else_their_names_say(home: Path) -> None:
    files = [Upload(f"../../{word} <b>.csv", table(60)) for word in ("train", "val", "test")]
    upload.import_files(files, "mine")
    (mine,) = [known for known in known_datasets() if known.name == "mine"]
    assert (mine.rows, mine.is_ready) == (180, True)
    assert sorted(path.name for path in home.iterdir()) == ["datasets"]


@pytest.mark.parametrize(
    ("files", "name", "sentence"),
    [
        ([], "mine", "No file was chosen"),
        ([Upload("a.csv", table(60))], "../mine", "cannot be a dataset's name"),
        ([Upload("train.csv", table(9)), Upload("val.csv", table(9))], "mine", "2 files were chosen"),
        ([Upload("a.csv", table(60, label="2"))], "mine", "Nothing was imported"),
        ([Upload("a.csv", "")], "mine", "Nothing was imported"),
        ([Upload("a.csv", table(60))], "mine\n", "cannot be a dataset's name"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_leaves_nothing(
    home: Path, files: list[Upload], name: str, sentence: str
) -> None:
    with pytest.raises(DatasetError, match=sentence):
        upload.import_files(files, name)
    assert not list(home.rglob("manifest.json"))


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("日志 (1).csv", "日志_(1).csv"),
        ("../../log.csv", "log.csv"),
        ("C:\\logs\\log.csv", "log.csv"),
        ("![x](http://lab.test/x).csv", "x).csv"),
        ("**<b>*.csv", "_b_.csv"),
        ("a" * 300 + ".csv", "a" * 80 + "…"),
    ],
)
def test_a_refused_file_is_called_as_its_owner_calls_it_and_never_reads_as_markup(
    home: Path, own: str, said: str
) -> None:
    del home
    with pytest.raises(DatasetError) as refused:
        upload.import_files([Upload(own, table(60, label="2"))], "mine")
    assert refused.value.values["file"] == said
    assert "table.csv" not in str(refused.value)


def test_of_three_files_the_one_at_fault_is_named_as_its_owner_names_it(home: Path) -> None:
    del home
    files = [
        Upload(f"my {word}.csv", table(60, label="2" if word == "val" else "1")) for word in ("train", "val", "test")
    ]
    with pytest.raises(DatasetError, match=r"^my_val\.csv, column"):
        upload.import_files(files, "mine")
