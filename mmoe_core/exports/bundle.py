"""A run as one file, which `open` brings in elsewhere; its members are listed in `members`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from ..runs import Store
from .ended import EndedRun
from .members import MANIFEST, REQUIRED, Fingerprint, Manifest, card_of

__all__ = ["write_bundle"]

_PIECE_BYTES = 1 << 20
_DATE = (1980, 1, 1, 0, 0, 0)  # the same run, the same bytes
_IS_FILE = 0o100644 << 16
_DENSE = (".npy", ".parquet", ".safetensors")  # would not become smaller


def write_bundle(run: EndedRun, store: Store, out: Path) -> None:
    """Write a run's bundle.

    Args:
        run: The run.
        store: Where its stream is, as stored.
        out: The file; written over.

    Raises:
        RunError: a file of the run is gone.
    """
    prints: dict[str, Fingerprint] = {}
    with ZipFile(out, "w") as bundle:
        for name, pieces in _members(run, store):
            with bundle.open(_info(name), "w", force_zip64=True) as member:
                prints[name] = _copy(pieces, member)
        manifest = Manifest(members=prints).model_dump_json(indent=1)
        bundle.writestr(_info(MANIFEST), manifest)


def _members(run: EndedRun, store: Store) -> Iterator[tuple[str, Iterator[bytes]]]:
    yield "run.json", iter([card_of(run.row).model_dump_json(indent=1, exclude_none=True).encode()])
    yield "config.json", iter([run.row.config.model_dump_json(indent=1).encode()])
    yield "schema.json", iter([run.schema.model_dump_json(indent=1).encode()])
    yield "records.jsonl", (f"{body}\n".encode() for _, body in store.bodies(run.row.run_id))
    kept = [name for name in REQUIRED if "/" in name or name.endswith(".parquet")]  # the rest is in the store
    kept += sorted(f"gates/{path.name}" for path in run.folder.glob("gates/*-level-*.npy"))
    for name in kept:
        yield name, _pieces(run.file(name))


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _DATE)
    info.compress_type = ZIP_STORED if name.endswith(_DENSE) else ZIP_DEFLATED
    info.external_attr = _IS_FILE
    return info


def _copy(pieces: Iterator[bytes], member: IO[bytes]) -> Fingerprint:
    found, num_bytes = hashlib.sha256(), 0
    for piece in pieces:
        found.update(piece)
        num_bytes += len(piece)
        member.write(piece)
    return Fingerprint(sha256=found.hexdigest(), num_bytes=num_bytes)
