"""Taking a stranger's zip file apart: nothing is believed, nothing is written but what a bundle may have, and no more.

A zip file can name paths, link elsewhere, say a thing twice, and grow a thousandfold. So: names come from a fixed list,
sizes are bounded by what is declared and again while they are read, and every byte counts towards one limit.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import zlib
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ValidationError

from ..errors import RunError
from .members import FORMAT, MANIFEST, REQUIRED, VERSION, Fingerprint, Manifest, is_known

__all__ = ["unpack"]

_MOST_MEMBERS = 2_000
_MOST_BYTES = 32 * 2**30
_MOST_TEXT_BYTES = 64 * 2**20  # of a member that is read at once
_MOST_TIMES_LARGER = 200  # than its compressed bytes; a run's records come to 30
_SPARED_BYTES = 2**30  # of the disk, for all else that is written there
_PIECE_BYTES = 1 << 20


class _Header(BaseModel):
    """What every version of the manifest has."""

    format: str
    version: int


def unpack(bundle: Path, called: str, folder: Path) -> Manifest:
    """Write a bundle's members into a folder, each equal to its fingerprint.

    Args:
        bundle: The zip file.
        called: What its owner calls it, for sentences.
        folder: An empty folder of ours.

    Raises:
        RunError: it is no bundle, or not one that can be believed; says why.
    """
    try:
        with ZipFile(bundle) as opened:
            infos = _infos(opened, called, folder)
            manifest = _manifest(opened, infos, called)
            for name, fingerprint in manifest.members.items():
                _write(opened, infos[name], fingerprint, folder / name, called)
            return manifest
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise RunError(
            "{file} is not a zip file, or a damaged one ({reason}). Fetch it again where it was exported. Nothing was "
            "opened.",
            file=called,
            reason=(str(error).splitlines() or [type(error).__name__])[0][:160],
        ) from None


def _infos(opened: ZipFile, called: str, folder: Path) -> dict[str, ZipInfo]:
    """The members by name, once all that they say of themselves is fit."""
    listed = opened.infolist()
    if len(listed) > _MOST_MEMBERS:
        raise RunError(
            "{file} has {count:,} members; a bundle has at most {most:,}. Nothing was opened.",
            file=called,
            count=len(listed),
            most=_MOST_MEMBERS,
        )
    infos: dict[str, ZipInfo] = {}
    for info in listed:
        _check(info, called)
        if info.filename in infos:
            raise RunError(
                "{file} has two members called '{member}'. Nothing was opened.", file=called, member=info.filename
            )
        infos[info.filename] = info
    declared = sum(info.file_size for info in listed)
    most = min(_MOST_BYTES, max(0, shutil.disk_usage(folder).free - _SPARED_BYTES))
    if declared > most:
        raise RunError(
            "{file} would need {gigabytes} GB unpacked; {most} GB are allowed here now. Nothing was opened.",
            file=called,
            gigabytes=f"{declared / 2**30:.3g}",
            most=f"{most / 2**30:.3g}",
        )
    return infos


def _check(info: ZipInfo, called: str) -> None:
    name, shown = info.orig_filename, ascii(info.orig_filename)[1:-1][:200]
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise RunError(
            "{file} has a member '{member}' that points out of its folder: no bundle of ours. Nothing was opened.",
            file=called,
            member=shown,
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or info.is_dir():
        raise RunError(
            "{file} has a member '{member}' that is a link or a folder, where a bundle has plain files. Nothing was "
            "opened.",
            file=called,
            member=shown,
        )
    if not is_known(name):
        raise RunError(
            "{file} has a member '{member}' that no bundle has. Nothing was opened.", file=called, member=shown
        )
    if info.flag_bits & 1 or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise RunError(
            "{file}: member '{member}' is encrypted or packed in a way that bundles are not. Nothing was opened.",
            file=called,
            member=shown,
        )
    if info.file_size > max(_PIECE_BYTES, info.compress_size * _MOST_TIMES_LARGER):
        raise _grows(called, shown)


def _grows(called: str, member: str) -> RunError:
    return RunError(
        "{file}: member '{member}' would grow to more than {times} times its size, or beyond what it declares. Nothing "
        "was opened.",
        file=called,
        member=member,
        times=_MOST_TIMES_LARGER,
    )


def _manifest(opened: ZipFile, infos: dict[str, ZipInfo], called: str) -> Manifest:
    if MANIFEST not in infos:
        raise RunError("{file} has no {member}: it is no bundle. Nothing was opened.", file=called, member=MANIFEST)
    if infos[MANIFEST].file_size > _MOST_TEXT_BYTES:
        raise _grows(called, MANIFEST)
    with opened.open(infos[MANIFEST]) as member:
        text = member.read(_MOST_TEXT_BYTES)
    header: _Header = _read(_Header, text, called)
    if header.format != FORMAT:
        raise RunError(
            "{file} says that its format is '{found}', where a bundle says '{known}'. Nothing was opened.",
            file=called,
            found=ascii(header.format)[1:-1][:80],
            known=FORMAT,
        )
    if header.version != VERSION:
        raise RunError(
            "{file} is a bundle of version {found}; this program knows version {known}. Update the program, or export "
            "the run again with this version. Nothing was opened.",
            file=called,
            found=header.version,
            known=VERSION,
        )
    manifest: Manifest = _read(Manifest, text, called)
    there, told = infos.keys() - {MANIFEST}, manifest.members.keys()
    if absent := {*REQUIRED, *told} - there:
        raise RunError(
            "{file} lacks its member '{member}'. Nothing was opened.",
            file=called,
            member=ascii(min(absent))[1:-1][:200],
        )
    if more := there - told:
        raise RunError(
            "{file} has a member '{member}' that its manifest does not list. Nothing was opened.",
            file=called,
            member=min(more),
        )
    return manifest


def _read(kind: type[Any], text: bytes, called: str) -> Any:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise RunError(
            "{file}: {member} cannot be read ({reason}). Nothing was opened.",
            file=called,
            member=MANIFEST,
            reason=f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200],
        ) from None


def _write(opened: ZipFile, info: ZipInfo, expected: Fingerprint, path: Path, called: str) -> None:
    found, num_bytes = hashlib.sha256(), 0
    path.parent.mkdir(exist_ok=True)
    with opened.open(info) as member, path.open("xb") as file:
        while piece := member.read(_PIECE_BYTES):
            num_bytes += len(piece)
            if num_bytes > info.file_size:
                raise _grows(called, info.filename)
            found.update(piece)
            file.write(piece)
    if (num_bytes, found.hexdigest()) != (expected.num_bytes, expected.sha256):
        raise RunError(
            "{file}: member '{member}' is not what the manifest says (its checksum differs). The file was changed or "
            "damaged on its way; fetch it again. Nothing was opened.",
            file=called,
            member=info.filename,
        )
