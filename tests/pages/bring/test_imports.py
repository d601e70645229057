"""Uploads become a dataset of the processed layout, or a sentence with their owner's names; nothing else is left."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mmoe_core.config import uploads_folder
from mmoe_core.data import Reception, known_datasets, uploaded_file
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.errors import DatasetError
from pages.ui.bring import imports
from pages.ui.bring.source import Source
from pages.ui.bring.wording import own_name


def table(rows: int, *, label: str = "1") -> bytes:
    columns = [*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES]
    lines = [
        ",".join(
            [label if row % 3 == 0 else "0", "0", *(str(row % 7 + 1) for _ in ID_NAMES), *("0.5" for _ in VALUE_NAMES)]
        )
        for row in range(rows)
    ]
    return ("\n".join([",".join(columns), *lines]) + "\n").encode()


def uploaded(files: dict[str, bytes]) -> Source:
    """As the page knows them after the upload."""
    tokens = []
    for content in files.values():
        with Reception(len(content)) as reception:
            reception.write(content)
            tokens.append(reception.keep())
    names = tuple(own_name(name) for name in files)
    return Source(paths=tuple(map(uploaded_file, tokens)), names=names, tokens=tuple(tokens))


def run(source: Source, name: str = "mine") -> None:
    imports.of_ali_ccp(source, name, "learnt")(lambda progress: None, lambda: False)


def test_three_files_become_a_dataset_whatever_else_their_names_say(home: Path) -> None:
    files = {f"../../{word} <b>.csv": table(60) for word in ("val", "test")}
    source = uploaded({**files, "TRAIN.csv": gzip.compress(table(60))})  # gzipped, whatever its name says
    assert imports.layout_refusal(source) is None
    run(source)
    (mine,) = [known for known in known_datasets() if known.name == "mine"]
    assert (mine.rows, mine.is_ready) == (180, True)
    assert sorted(path.name for path in home.iterdir()) == ["datasets", "uploads"]
    assert list(uploads_folder().iterdir()) == []


def test_two_files_or_three_of_other_names_are_refused_before_anything_is_read(home: Path) -> None:
    del home
    for names in (("train.csv", "val.csv"), ("a.csv", "b.csv", "c.csv")):
        refused = imports.layout_refusal(uploaded(dict.fromkeys(names, b"")))
        assert f"{len(names)} files were chosen" in str(refused)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("日志 (1).csv", "日志 (1).csv"),
        ("../../log.csv", "log.csv"),
        ("C:\\logs\\log.csv", "log.csv"),
        ("**<b>*.csv", "_b_.csv"),
        ("a" * 300 + ".csv", "a" * 80 + "…"),
    ],
)
def test_a_refused_file_is_called_as_its_owner_calls_it_and_can_be_corrected(home: Path, own: str, said: str) -> None:
    source = uploaded({own: table(60, label="2")})
    with pytest.raises(DatasetError) as refused:
        run(source)
    assert refused.value.values["file"] == said
    assert "table.csv" not in str(refused.value)
    assert not list(home.rglob("manifest.json"))
    assert [path.name for path in uploads_folder().iterdir()] == list(source.tokens)  # swept after a day


def test_of_three_files_the_one_at_fault_is_named_as_its_owner_names_it(home: Path) -> None:
    del home
    words = ("train", "val", "test")
    source = uploaded({f"my {word}.csv": table(60, label="2" if word == "val" else "1") for word in words})
    with pytest.raises(DatasetError, match=r"^my val\.csv, column"):
        run(source)
