"""Whatever a file pretends to be, it is refused in a sentence, and nothing is left behind."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pytest

from mmoe_core.errors import RunError
from mmoe_core.exports import EndedRun, open_bundle, open_in_child, unpacking, write_bundle
from mmoe_core.runs import Store
from tests.exports.conftest import home_of

Members = dict[str, bytes]


@pytest.fixture
def good(plain_run: EndedRun, tmp_path: Path) -> Members:
    file = tmp_path / "good.zip"
    write_bundle(plain_run, Store(home_of(plain_run) / "runs"), file)
    with ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[bytes | Path], str]:
    def open_it(content: bytes) -> str:
        file = tmp_path / "bad.zip"
        file.write_bytes(content)
        store = Store(tmp_path / "runs")
        with pytest.raises(RunError) as caught:
            open_bundle(store, file, "theirs.zip")
        assert store.rows() == []
        assert {path.name for path in store.folder.iterdir()} <= {f"runs.sqlite3{end}" for end in ("", "-wal", "-shm")}
        said = str(caught.value)
        assert said.startswith("theirs.zip")
        assert said.endswith("Nothing was opened.")
        return said

    return open_it


def zipped(members: Members, /, **told: object) -> bytes:
    """A zip file of these members, with a manifest that tells the truth but for `told`."""
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "num_bytes": len(content)}
        for name, content in members.items()
        if name != "manifest.json"
    }
    manifest = {"format": "mmoe-lab-run", "version": 1, "members": listed, **told}
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as file:
        for name, content in {**members, "manifest.json": json.dumps(manifest).encode()}.items():
            file.writestr(name, content)
    return written.getvalue()


def added(content: bytes, info: ZipInfo, more: bytes = b"x") -> bytes:
    written = io.BytesIO(content)
    with warnings.catch_warnings(), ZipFile(written, "a") as file:
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        file.writestr(info, more)
    return written.getvalue()


def test_the_untouched_members_are_a_bundle(good: Members, tmp_path: Path) -> None:
    file = tmp_path / "same.zip"
    file.write_bytes(zipped(good))
    assert open_bundle(Store(tmp_path / "runs"), file).state == "finished"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_file(refused: Callable[[bytes], str], content: bytes) -> None:
    assert "is not a zip file, or a damaged one" in refused(content)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off(refused: Callable[[bytes], str], good: Members, cut: float) -> None:
    whole = zipped(good)
    assert "is not a zip file" in refused(whole[: int(len(whole) * cut)])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"version": 2}, "is a bundle of version 2; this program knows version 1. Update the program"),
        ({"version": "1"}, "manifest.json cannot be read (version"),
        ({"format": "other"}, "says that its format is 'other'"),
        ({"members": {}}, "that its manifest does not list"),
        ({"members": []}, "manifest.json cannot be read"),
        ({"more": 1}, "manifest.json cannot be read"),
    ],
)
def test_a_manifest_that_says_something_else(
    refused: Callable[[bytes], str], good: Members, told: dict[str, object], said: str
) -> None:
    assert said in refused(zipped(good, **told))


@pytest.mark.parametrize(
    "name", ["config.json", "records.jsonl", "checkpoints/final.safetensors", "predictions.parquet"]
)
def test_a_missing_member_is_named(refused: Callable[[bytes], str], good: Members, name: str) -> None:
    assert f"lacks its member '{name}'" in refused(zipped({key: of for key, of in good.items() if key != name}))


@pytest.mark.parametrize("name", ["gates/best-level-0.npy", "gates/epoch-0000-level-0.npy"])
def test_a_run_without_its_gates_is_none(refused: Callable[[bytes], str], good: Members, name: str) -> None:
    assert f"{name} cannot be read (it is not there)" in refused(zipped({k: of for k, of in good.items() if k != name}))


def test_no_manifest(refused: Callable[[bytes], str], good: Members) -> None:
    written = io.BytesIO()
    with ZipFile(written, "w") as file:
        file.writestr("config.json", good["config.json"])
    assert "has no manifest.json: it is no bundle" in refused(written.getvalue())


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/passwd", "..\\evil", "C:/evil", "gates/../../x"])
def test_a_member_that_points_out_of_its_folder(refused: Callable[[bytes], str], good: Members, name: str) -> None:
    assert "points out of its folder" in refused(added(zipped(good), ZipInfo(name)))


@pytest.mark.parametrize(
    "name",
    ["more.txt", "lock", "gates/x.npy", "gates/epoch-0001-level-0.npy.part", "log.txt", "Config.json", "a\x1b[2J"],
)
def test_a_member_that_no_bundle_has(refused: Callable[[bytes], str], good: Members, name: str) -> None:
    said = refused(added(zipped(good), ZipInfo(name)))
    assert "that no bundle has" in said
    assert said.isprintable()


def test_a_member_that_the_manifest_does_not_list(refused: Callable[[bytes], str], good: Members) -> None:
    assert "does not list" in refused(added(zipped(good), ZipInfo("gates/epoch-0077-level-0.npy")))


def test_two_members_of_one_name(refused: Callable[[bytes], str], good: Members) -> None:
    assert "two members called 'config.json'" in refused(added(zipped(good), ZipInfo("config.json")))


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o010644, 0o020644])
def test_links_folders_and_devices(refused: Callable[[bytes], str], good: Members, mode: int) -> None:
    info = ZipInfo("gates/epoch-0077-level-0.npy")
    info.external_attr = mode << 16
    assert "is a link or a folder" in refused(added(zipped(good), info, b"/etc/passwd"))


def test_another_way_of_packing(refused: Callable[[bytes], str], good: Members) -> None:
    info = ZipInfo("gates/epoch-0077-level-0.npy")
    info.compress_type = ZIP_BZIP2
    assert "encrypted or packed" in refused(added(zipped(good), info, b"x" * 100))


@pytest.mark.parametrize("name", ["config.json", "records.jsonl", "predictions.parquet", "gates/best-level-0.npy"])
def test_a_changed_member_fails_its_checksum(refused: Callable[[bytes], str], good: Members, name: str) -> None:
    honest = json.loads(ZipFile(io.BytesIO(zipped(good))).read("manifest.json"))["members"]
    changed = {**good, name: good[name][:-1] + bytes([good[name][-1] ^ 1])}
    assert f"member '{name}' is not what the manifest says" in refused(zipped(changed, members=honest))


def test_too_many_members(refused: Callable[[bytes], str], good: Members) -> None:
    many = {f"gates/epoch-{number:04d}-level-0.npy": b"" for number in range(2_001)}
    assert "bundle has at most 2,000" in refused(zipped({**good, **many}))


def test_a_bomb_is_refused_by_what_it_declares(refused: Callable[[bytes], str], good: Members) -> None:
    bomb = zipped({**good, "gates/epoch-0077-level-0.npy": bytes(50_000_000)})
    assert "would grow to more than 200 times" in refused(bomb)


def test_a_bomb_that_declares_too_little_is_cut_off(refused: Callable[[bytes], str], good: Members) -> None:
    name = b"records.jsonl"
    content = bytearray(zipped({**good, "records.jsonl": b"{}\n" * 5_000_000}))
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(name))
    struct.pack_into("<I", content, place + 24, 1_000)  # the size in the central directory
    said = refused(bytes(content))
    assert "is not a zip file, or a damaged one" in said or "not what the manifest says" in said


def test_more_than_the_disk_or_the_rules_take(
    refused: Callable[[bytes], str], good: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_MOST_BYTES", 1_000)
    assert "are allowed here now" in refused(zipped(good))


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("config.json", lambda of: of.replace(b'"mmoe"', b'"mystery"'), "config.json cannot be read"),
        ("config.json", lambda of: b"[" * 100_000, "config.json cannot be read"),
        ("schema.json", lambda of: of.replace(b'"click"', b'"like"'), "records.jsonl cannot be read (the last record"),
        ("run.json", lambda of: of.replace(b'"finished"', b'"running"'), "run.json cannot be read (state"),
        (
            "run.json",
            lambda of: json.dumps({**json.loads(of), "run_id": "../../x"}).encode(),
            "run.json cannot be read",
        ),
        ("records.jsonl", lambda of: of.replace(b'"step"', b'"jump"', 1), "records.jsonl cannot be read (line "),
        ("records.jsonl", lambda of: of.replace(b'"loss":0', b'"loss":NaN', 1), "records.jsonl cannot be read (line "),
        ("records.jsonl", lambda of: b"", "records.jsonl cannot be read (the last record"),
        ("records.jsonl", lambda of: b"".join(of.splitlines(True)[:-1]), "records.jsonl cannot be read (the last"),
        ("checkpoints/final.json", lambda of: b"[]", "final.json cannot be read"),
        ("checkpoints/final.json", lambda of: b"[" * 100_000, "final.json cannot be read"),
        ("checkpoints/final.safetensors", lambda of: of[:100], "final.safetensors cannot be read"),
        ("checkpoints/final.safetensors", lambda of: b"\x80\x04\x95" + of, "final.safetensors cannot be read"),
        ("gates/best-level-0.npy", lambda of: b"\x80\x04N.", "gates/best-level-0.npy cannot be read"),
        ("gates/best-level-0.npy", lambda of: of[:-8], "gates/best-level-0.npy cannot be read"),
        ("predictions.parquet", lambda of: b"PAR1" * 10, "predictions.parquet cannot be read"),
    ],
)
def test_members_that_cannot_be_read(
    refused: Callable[[bytes], str], good: Members, name: str, change: Callable[[bytes], bytes], said: str
) -> None:
    assert said in refused(zipped({**good, name: change(good[name])}))


@pytest.mark.parametrize("array", [np.zeros((3, 2, 7), np.float32), np.zeros((3, 2, 8)), np.zeros(3, np.float32)])
def test_gates_of_another_shape(refused: Callable[[bytes], str], good: Members, array: np.ndarray) -> None:
    written = io.BytesIO()
    np.save(written, array)
    assert "it holds float" in refused(zipped({**good, "gates/best-level-0.npy": written.getvalue()}))


def test_pickled_gates_are_never_loaded(refused: Callable[[bytes], str], good: Members) -> None:
    written = io.BytesIO()
    np.save(written, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "cannot be read" in refused(zipped({**good, "gates/best-level-0.npy": written.getvalue()}))


def test_a_child_says_the_same_sentence(good: Members, home: Path) -> None:
    file = home / "bad"
    file.write_bytes(zipped(good, version=7))
    with pytest.raises(RunError, match=r"theirs\.zip is a bundle of version 7"):
        open_in_child(file, "theirs.zip")
