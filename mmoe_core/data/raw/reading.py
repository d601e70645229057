"""The two passes over text: impressions, then the sessions that they belong to; both spilled as numbers.

Shape suffixes in this file:
    R lines of a block   F fields   U distinct session keys of a part
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DatasetError
from ..ahead import in_order
from ..hashing import uniform
from .blocks import Block, RawFile
from .faults import diagnose
from .layout import COMMON_FIELDS, SKELETON_FIELDS, Part, Side, raw_file
from .options import RawOptions
from .spill import Spill, SpillWriter, read_marker, write_marker
from .tally import Tally
from .tokens import Lines, Matrix, Unclean, arrange, read_lines
from .watching import IMPRESSIONS, SESSIONS, Cancelled, Watcher

__all__ = ["FIELDS", "NO_SESSION", "PartRead", "Reader", "is_validation"]

FIELDS = (*SKELETON_FIELDS, *COMMON_FIELDS)
NO_SESSION = -1
_SAMPLE_SEED = 1 << 32  # above any seed of the hash that cuts off validation, so that the two choices are independent


@dataclass
class PartRead:
    """What two passes over train or test have counted and spilled.

    Attributes:
        counted: Lines, labels, presence and oddities, by name.
        first: First line of each oddity.
        sha256: Of each file.
        impressions: Spill of rows: keys, labels (click + 2 · purchase), ids, values.
        sessions: Spill of sessions: keys, ids, values.
        keys_U: Distinct session keys, ascending.
        session_of_U: Row of each in the spill of sessions, or `NO_SESSION`.
    """

    counted: Counter[str]
    first: dict[str, int]
    sha256: dict[str, str]
    impressions: Spill
    sessions: Spill
    keys_U: np.ndarray
    session_of_U: np.ndarray


@dataclass
class _Pass:
    """What one pass over one file has counted so far."""

    counted: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)

    def note(self, oddity: str, count: int, line: int) -> None:
        if count:
            self.counted[oddity] += count
            self.first.setdefault(oddity, line)


class Reader:
    """Reads the parts of a raw folder into a work folder, stage by stage.

    Args:
        raw: The folder with the four files.
        work: Where spills and markers are.
        options: The choices.
        watcher: Told the progress; may end it.
    """

    def __init__(self, raw: Path, work: Path, options: RawOptions, watcher: Watcher) -> None:
        self._raw = raw
        self._work = work
        self._options = options
        self._watcher = watcher

    def read(self, part: Part, tally: Tally) -> PartRead:
        """Both files of a part; train's ids and values are counted in `tally`."""
        impressions = self._impressions(part)
        keys_U, rows_U = impressions["arrays"]["keys"], impressions["arrays"]["rows"]
        sessions = self._sessions(part, keys_U, rows_U)
        for stage in (impressions, sessions):
            if part == "train":
                tally.add_arrays(stage["arrays"])
        return PartRead(
            counted=Counter(impressions["counted"]) + Counter(sessions["counted"]),
            first=impressions["first"] | sessions["first"],
            sha256=impressions["sha256"] | sessions["sha256"],
            impressions=Spill(
                self._work, f"impressions-{part}", self._shapes(self._options.skeleton, is_labelled=True)
            ),
            sessions=Spill(self._work, f"sessions-{part}", self._shapes(self._options.common, is_labelled=False)),
            keys_U=keys_U,
            session_of_U=sessions["arrays"]["session_of"],
        )

    @staticmethod
    def _shapes(side: Side, *, is_labelled: bool) -> dict[str, tuple[Any, int]]:
        shapes: dict[str, tuple[Any, int]] = {
            "keys": (np.uint64, 1),
            "ids": (np.int32, int(side.id_starts[-1])),
            "values": (np.float32, int(side.value_starts[-1])),
        }
        return shapes | ({"labels": (np.uint8, 1)} if is_labelled else {})

    def _impressions(self, part: Part) -> dict[str, Any]:
        stage = f"impressions-{part}"
        if (kept := read_marker(self._work, stage)) is not None:
            return kept[0] | {"arrays": kept[1]}
        path, side, options = raw_file(self._raw, "sample_skeleton", part), self._options.skeleton, self._options
        file, seen, tally, keys = RawFile(path), _Pass(), Tally(FIELDS), _Keys()

        def work(block: Block) -> tuple[Block, Lines, np.ndarray, Matrix]:
            lines = _clean(path, block, is_skeleton=True)
            is_kept_R = ~_is_odd(lines)
            if options.sample < 1:
                is_kept_R &= uniform(lines.keys_R, _SAMPLE_SEED) < options.sample
            matrix = _arranged(path, block, lines, is_kept_R, side)
            return block, lines, is_kept_R, matrix

        with SpillWriter(self._work, stage, self._shapes(side, is_labelled=True)) as spill:
            for block, lines, is_kept_R, matrix in in_order(work, file, options.threads_ahead):
                keys_R = lines.keys_R[is_kept_R]
                click_R, purchase_R = _labels(lines)
                seen.counted.update(
                    lines=len(lines),
                    clicks=int(click_R.sum()),
                    purchases=int((click_R & purchase_R).sum()),
                    dropped=int(_is_odd(lines).sum()),
                )
                _note_oddities(seen, block, lines, is_kept_R, matrix, side)
                keys.add(keys_R)
                spill.append(
                    keys=keys_R,
                    labels=(click_R + 2 * purchase_R)[is_kept_R],
                    ids=matrix.ids_RI,
                    values=matrix.values_RV,
                )
                if part == "train":
                    is_train_R = ~is_validation(keys_R, options)
                    tally.add(side, matrix.ids_RI[is_train_R], matrix.values_RV[is_train_R], None)
                self._tell(IMPRESSIONS[part], block, file)
        if not seen.counted["lines"]:
            raise DatasetError(
                "{file} has no lines. Copy or download it again. Nothing was imported.", file=file.path.name
            )
        return self._done(stage, seen, file, keys.distinct() | _of(tally, part))

    def _sessions(self, part: Part, keys_U: np.ndarray, rows_U: np.ndarray) -> dict[str, Any]:
        stage = f"sessions-{part}"
        if (kept := read_marker(self._work, stage)) is not None:
            return kept[0] | {"arrays": kept[1]}
        path, side = raw_file(self._raw, "common_features", part), self._options.common
        file, seen, tally = RawFile(path), _Pass(), Tally(FIELDS)
        session_of_U = np.full(len(keys_U), NO_SESSION, np.int32)
        impressions_U = np.where(is_validation(keys_U, self._options), 0, rows_U).astype(np.int32)

        def work(block: Block) -> tuple[Block, Lines, np.ndarray, Matrix]:
            lines = _clean(path, block, is_skeleton=False)
            is_used_R = np.isin(lines.keys_R, keys_U)
            matrix = _arranged(path, block, lines, is_used_R, side)
            return block, lines, is_used_R, matrix

        with SpillWriter(self._work, stage, self._shapes(side, is_labelled=False)) as spill:
            for block, lines, is_used_R, matrix in in_order(work, file, self._options.threads_ahead):
                keys_R = lines.keys_R[is_used_R]
                places_R = np.searchsorted(keys_U, keys_R)
                is_new_R = session_of_U[places_R] == NO_SESSION
                first_R = np.unique(places_R, return_index=True)[1]
                is_new_R &= np.isin(np.arange(len(places_R)), first_R)
                seen.note("twice", int((~is_new_R).sum()), block.first_line)
                _note_oddities(seen, block, lines, is_used_R, matrix, side, times_R=rows_U[places_R] * is_new_R)
                places_R = places_R[is_new_R]
                start = seen.counted["sessions"]
                session_of_U[places_R] = np.arange(start, start + len(places_R))
                seen.counted.update(sessions=len(places_R), common_lines=len(lines))
                ids_RI, values_RV = matrix.ids_RI[is_new_R], matrix.values_RV[is_new_R]
                spill.append(keys=keys_R[is_new_R], ids=ids_RI, values=values_RV)
                if part == "train":
                    tally.add(side, ids_RI, values_RV, impressions_U[places_R])
                self._tell(SESSIONS[part], block, file)
        is_lost_U = session_of_U == NO_SESSION
        seen.counted.update(keys_without_user=int(is_lost_U.sum()), rows_without_user=int(rows_U[is_lost_U].sum()))
        return self._done(stage, seen, file, {"session_of": session_of_U} | _of(tally, part))

    def _tell(self, stage: str, block: Block, file: RawFile) -> None:
        self._watcher.progress(stage, block.bytes_read, file.num_bytes)
        if self._watcher.is_cancelled():
            raise Cancelled

    def _done(self, stage: str, seen: _Pass, file: RawFile, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        counted = {"counted": dict(seen.counted), "first": seen.first, "sha256": {file.path.name: file.sha256}}
        write_marker(self._work, stage, counted, arrays)
        return counted | {"arrays": arrays}


def is_validation(keys_N: np.ndarray, options: RawOptions) -> np.ndarray:
    """Whether a session of the train file is kept apart for validation: all of it or nothing."""
    return uniform(keys_N, options.seed) >= 1 - options.validation_share


class _Keys:
    """Distinct keys and their rows, gathered block by block; rows of a session lie together in the file."""

    def __init__(self) -> None:
        self._keys_U = np.empty(0, np.uint64)
        self._rows_U = np.empty(0, np.int64)
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, keys_R: np.ndarray) -> None:
        self._waiting.append(np.unique(keys_R, return_counts=True))
        if len(self._waiting) >= 64:
            self._gather()

    def distinct(self) -> dict[str, np.ndarray]:
        """The keys, ascending, and how many rows each has."""
        self._gather()
        return {"keys": self._keys_U, "rows": self._rows_U}

    def _gather(self) -> None:
        keys = np.concatenate([self._keys_U, *(found for found, _ in self._waiting)])
        rows = np.concatenate([self._rows_U, *(counts for _, counts in self._waiting)])
        self._keys_U, place = np.unique(keys, return_inverse=True)
        self._rows_U = np.zeros(len(self._keys_U), np.int64)
        np.add.at(self._rows_U, place, rows)
        self._waiting.clear()


def _of(tally: Tally, part: Part) -> dict[str, np.ndarray]:
    return tally.arrays() if part == "train" else {}


def _labels(lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    if lines.click_R is None or lines.purchase_R is None:
        raise TypeError("common lines have no labels")
    return lines.click_R, lines.purchase_R


def _is_odd(lines: Lines) -> np.ndarray:
    """A purchase without a click."""
    click_R, purchase_R = _labels(lines)
    return np.asarray((purchase_R == 1) & (click_R == 0))


def _clean(path: Path, block: Block, *, is_skeleton: bool) -> Lines:
    try:
        return read_lines(block, is_skeleton=is_skeleton)
    except Unclean:
        diagnose(path, block, is_skeleton=is_skeleton)


def _arranged(path: Path, block: Block, lines: Lines, is_kept_R: np.ndarray, side: Side) -> Matrix:
    features = lines.features if is_kept_R.all() else lines.features.filter(is_kept_R)
    try:
        matrix = arrange(features, side)
    except Unclean:
        diagnose(path, block, is_skeleton=lines.click_R is not None)
    if _is_unended(block) and is_kept_R[-1] and matrix.num_tokens_R[-1] < lines.feature_num_R[-1]:
        # The last line may end in the middle of a number, which then still is one; only its count tells.
        diagnose(path, block, is_skeleton=lines.click_R is not None, is_cut=True)
    return matrix


def _is_unended(block: Block) -> bool:
    return block.is_last and not block.data.endswith(b"\n")


def _note_oddities(
    seen: _Pass,
    block: Block,
    lines: Lines,
    is_kept_R: np.ndarray,
    matrix: Matrix,
    side: Side,
    times_R: np.ndarray | None = None,
) -> None:
    """Count what is odd but no reason to stop, and in how many impressions each field is present."""
    seen.note("unknown", matrix.num_unknown, block.first_line)
    if _is_unended(block):
        seen.note("unended", 1, block.first_line + block.data.count(b"\n"))
    is_off_R = matrix.num_tokens_R != lines.feature_num_R[is_kept_R]
    if is_off_R.any():
        line = block.first_line + int(np.flatnonzero(is_kept_R)[int(np.flatnonzero(is_off_R)[0])])
        seen.note("miscounted", int(is_off_R.sum()), line)
    weights_R = np.ones(len(matrix.ids_RI), np.int64) if times_R is None else times_R
    present_F = weights_R @ matrix.is_present_RF
    seen.counted.update({f"present:{name}": int(count) for name, count in zip(side.fields, present_F, strict=True)})
    if times_R is None:
        seen.counted["kept"] += len(weights_R)
