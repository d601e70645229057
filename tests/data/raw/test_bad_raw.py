"""What is wrong with a raw file is said by file, line and column; what is only odd is counted."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mmoe_core.data.raw import RawOptions, convert_raw
from mmoe_core.errors import DatasetError
from tests.data.raw.some_raw import RawSize, write_raw

OPTIONS = RawOptions(num_threads=1)
SMALL = RawSize(train_rows=120, test_rows=40, history_tokens=4)
SKELETON, COMMON = "sample_skeleton_train.csv", "common_features_train.csv"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return write_raw(tmp_path / "log", SMALL)


def change(path: Path, line: int, old: str, new: str) -> None:
    lines = path.read_text().split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    path.write_text("\n".join(lines))


def refusal(raw: Path) -> str:
    with pytest.raises(DatasetError) as refused:
        convert_raw(raw, raw.parent / "out", OPTIONS)
    assert [path.name for path in raw.parent.iterdir()] == [raw.name]  # nothing is left behind
    return str(refused.value)


def warnings(raw: Path) -> str:
    return "\n".join(map(str, convert_raw(raw, raw.parent / "out", OPTIONS).manifest.warnings))


@pytest.mark.parametrize("cut", [10, 25, 60])
def test_a_file_that_ends_in_the_middle_of_a_line(raw: Path, cut: int) -> None:
    path = raw / SKELETON
    path.write_bytes(path.read_bytes()[:-cut])
    assert f"{SKELETON}, line 120: the file ends in the middle of this line" in refusal(raw)


def test_a_last_line_without_line_end_is_read_and_mentioned(raw: Path) -> None:
    path = raw / COMMON
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    assert "The last line has no line end" in warnings(raw)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",", ";", "5 cells separated by commas where 6 are expected"),
        ("\x01", "|", "column 'feature_list': '"),
        ("\x02", ":", "is not field \\x02 id \\x03 value"),
        ("\x031\x01", "\x03one\x01", "is not field \\x02 id \\x03 value"),
        ("\x01", "\x01\x01", "column 'feature_list': '(empty)'"),
        ("\x031\x01", "\x031e39\x01", "\\x031e39' is not field"),
        ("\x031\x01", "\x03nan\x01", "\\x03nan' is not field"),
        ("205\x02", "205\x021_", "'205\\x021_"),
    ],
)
def test_wrong_separators(raw: Path, old: str, new: str, says: str) -> None:
    change(raw / SKELETON, 7, old, new)
    message = refusal(raw)
    assert message.startswith(f"{SKELETON}, line 7")
    assert says in message
    assert "Nothing was imported." in message


@pytest.mark.parametrize("key", ["zzzz91692951881f", "bacff9169295188", "BACFF916929518811"])
def test_a_key_that_is_not_sixteen_hexadecimal_digits(raw: Path, key: str) -> None:
    path = raw / COMMON
    change(path, 3, path.read_text().split("\n")[2].split(",")[0], key)
    assert f"{COMMON}, line 3, column 'common_feature_index': the key '{key}'" in refusal(raw)


def test_a_label_other_than_0_and_1(raw: Path) -> None:
    change(raw / SKELETON, 5, "5,", "5,2")
    assert f"{SKELETON}, line 5, column 'click': the label '2" in refusal(raw)


def test_a_number_of_features_that_is_no_number(raw: Path) -> None:
    path = raw / SKELETON
    cells = path.read_text().split("\n")[8].split(",", 5)
    change(path, 9, f"{cells[3]},{cells[4]}", f"{cells[3]},many")
    assert "line 9, column 'feature_num': 'many' is not a whole number" in refusal(raw)


def test_a_feature_number_that_disagrees_is_counted(raw: Path) -> None:
    path = raw / SKELETON
    cells = path.read_text().split("\n")[8].split(",", 5)
    change(path, 9, f"{cells[3]},{cells[4]}", f"{cells[3]},{int(cells[4]) + 1}")
    assert "On 1 lines feature_num is not the number of features (train, first on line 9)" in warnings(raw)


def test_unknown_fields_are_left_out_and_counted(raw: Path) -> None:
    change(raw / SKELETON, 4, "\x01", "\x01999\x0277\x031.0\x01888_14\x0278\x031.0\x01")
    assert "2 features of fields that Ali-CCP does not have were left out (train" in warnings(raw)


def test_a_session_that_is_there_twice_counts_once(raw: Path) -> None:
    path = raw / COMMON
    path.write_text(path.read_text() + path.read_text().split("\n")[0] + "\n")
    assert "1 sessions have more than one line of common features (train" in warnings(raw)


def test_an_id_that_two_fields_share(raw: Path) -> None:
    path = raw / SKELETON
    text = path.read_text()
    item = text[text.index("205\x02") :].split("\x03")[0].split("\x02")[1]
    change(path, 2, "\x01", f"\x01207\x02{item}\x039\x01")
    assert f"The feature id {item} occurs in more than one field" in refusal(raw)


def test_an_id_beyond_any_of_ali_ccp(raw: Path) -> None:
    change(raw / SKELETON, 2, "\x01", "\x01205\x02900000000\x039.0\x01")
    assert "There is a feature id 900,000,000" in refusal(raw)


def test_a_broken_gzip(raw: Path) -> None:
    path = raw / SKELETON
    (raw / f"{SKELETON}.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    path.unlink()
    assert f"{SKELETON}.gz cannot be read to its end" in refusal(raw)


def test_a_damaged_gzip(raw: Path) -> None:
    head = gzip.compress(b"")[:10]
    (raw / SKELETON).write_bytes(head + b"\x07" * 1000)  # no such kind of block: an error of zlib's own
    assert f"{SKELETON} cannot be read to its end" in refusal(raw)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"PAR1", b"7z\xbc\xaf\x27\x1c"])
def test_a_zip_or_a_parquet_file_called_csv(raw: Path, start: bytes) -> None:
    (raw / COMMON).write_bytes(start + bytes(1000))
    assert f"{COMMON} is an archive or a Parquet file, whatever its name says. Put the text file" in refusal(raw)


def test_a_hundred_thousand_columns(raw: Path) -> None:
    with (raw / SKELETON).open("a") as file:
        file.write(",".join(["x"] * 100_000) + "\n")
    assert f"{SKELETON}, line 121: 100000 cells separated by commas where 6 are expected" in refusal(raw)


def test_a_line_without_end(raw: Path) -> None:
    with (raw / SKELETON).open("a") as file:
        file.write("x" * (7 << 20))
    assert f"{SKELETON}, line 121: no line ends within 3 MB" in refusal(raw)


def test_quoted_cells_are_not_the_raw_format(raw: Path) -> None:
    path = raw / COMMON
    path.write_text('"bacff91692951881,",1,"101\x0277\x031.0"\n' + path.read_text())
    assert f"{COMMON}, line 1: 4 cells separated by commas where 3 are expected" in refusal(raw)
    path.write_text('"bacff91692951881",1,"101\x0277\x031.0"\n')
    assert f"{COMMON}, line 1, column 'common_feature_index': the key '\"bacff" in refusal(raw)


def test_a_file_that_is_missing(raw: Path) -> None:
    (raw / COMMON).unlink()
    assert f"has no {COMMON}" in refusal(raw)


def test_a_folder_that_is_there_already(raw: Path) -> None:
    (raw.parent / "out").mkdir()
    with pytest.raises(DatasetError, match="out is already there"):
        convert_raw(raw, raw.parent / "out", OPTIONS)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(raw: Path, content: bytes) -> None:
    (raw / SKELETON).write_bytes(content)
    assert f"{SKELETON} has no lines" in refusal(raw)
