"""A dataset folder comes into being: all of it, or nothing.

schema.json          fields, vocabulary sizes, tasks
manifest.json        counts, checksums, warnings
vocabulary.parquet   the label of every id; one row group per id field, in schema order
train.parquet        ids local to their field (int32), scaled values (float32), labels (uint8);
validation.parquet   simulated data also `truth:TASK` (float64) and `segment` (int8)
test.parquet
*-sessions.parquet   where fields are kept per session: their columns, one row per session; rows then have `session`

A field of many tokens has two columns of lists of one length: `NAME` (int32, padded with 0) and `weights:NAME`
(float32, 0 on padding). A row without any token has "missing" with weight 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..config import PADDING, DataConfig, Schema
from ..errors import DatasetError
from .manifest import SPLITS, Comparison, DataWarning, Dropped, Manifest, Scaling, SplitName, Vocabulary
from .parts import Part

__all__ = [
    "RESERVED_LABELS",
    "SEGMENT",
    "SESSION",
    "TRUTH",
    "WEIGHTS",
    "DatasetWriter",
    "sessions_file",
    "sha256_of",
]

RESERVED_LABELS = ("padding", "missing", "rare")  # local ids 0, 1, 2 of every id field
TRUTH = "truth:"  # prefix of the true-probability columns
SEGMENT = "segment"
WEIGHTS = "weights:"  # prefix of the weights of a field's tokens
SESSION = "session"  # a row's place in its split's table of sessions

_FEW_POSITIVES = 30  # below this an AUC interval is wider than most differences between models
_ROW_GROUP_ROWS = 262_144


class DatasetWriter:
    """Writes a dataset beside its place and moves it there when it is complete.

    Args:
        folder: Where the dataset shall be; its parent is made when absent.
        schema: Fields and tasks; vocabulary sizes must be final.
        vocabularies: Per id field the labels of the ids from `FIRST_KNOWN` on.

    Use as a context manager; leaving it with an exception, or without `finish`, leaves nothing behind.
    """

    def __init__(self, folder: Path, schema: Schema, vocabularies: Mapping[str, Sequence[str] | np.ndarray]) -> None:
        self.folder = folder
        self.schema = schema
        self._vocabularies = vocabularies
        self._open: dict[str, pq.ParquetWriter] = {}  # by file
        self._rows: dict[SplitName, int] = dict.fromkeys(SPLITS, 0)
        binary = [task.name for task in schema.tasks if task.kind == "binary"]
        self._positives = {name: dict.fromkeys(binary, 0) for name in SPLITS}
        self._span: dict[str, tuple[float, float]] = {}  # smallest and largest of each column in train

    def __enter__(self) -> DatasetWriter:
        self._held = Part(self.folder)
        self._part = self._held.path
        (self._part / "schema.json").write_text(self.schema.model_dump_json(indent=1), encoding="utf-8")
        with pq.ParquetWriter(self._part / "vocabulary.parquet", _vocabulary_schema, compression="zstd") as writer:
            for field in self.schema.id_fields:
                labels = np.concatenate([RESERVED_LABELS, np.asarray(self._vocabularies[field.name], dtype=object)])
                writer.write_table(pa.table({"label": pa.array(labels, pa.string())}), row_group_size=2**31 - 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()
        self._held.release()

    def append(self, split: SplitName, table: pa.Table) -> None:
        """Add rows to a split.

        Args:
            split: Which one.
            table: One column per field (ids local to their field), per task (0 or 1, null = not observed), and, from
                a simulator, `truth:TASK` per task and `segment`. With fields of the session: `session` instead.
        """
        if table.num_rows == 0:
            return
        self._write(f"{split}.parquet", table)
        self._rows[split] += table.num_rows
        for task in self._positives[split]:
            self._positives[split][task] += int(pc.sum(pc.greater(table[task], 0)).as_py() or 0)
        if split == "train":
            self._widen_spans(table)

    def keep(self, file: str, text: str) -> None:
        """Put a text file beside the data."""
        (self._part / file).write_text(text, encoding="utf-8")

    def append_sessions(self, split: SplitName, table: pa.Table) -> None:
        """Add sessions of a split: one column per field that is kept per session, in the order rows refer to."""
        if table.num_rows == 0:
            return
        self._write(sessions_file(split), table)
        if split == "train":
            self._widen_spans(table)

    def _write(self, file: str, table: pa.Table) -> None:
        if file not in self._open:
            coded = [leaf for name in table.column_names if (leaf := _coded_leaf(table.schema.field(name)))]
            self._open[file] = pq.ParquetWriter(
                self._part / file, table.schema, compression="lz4", use_dictionary=coded
            )
        self._open[file].write_table(table, row_group_size=_ROW_GROUP_ROWS)

    def finish(
        self,
        source: str,
        *,
        config: DataConfig | None = None,
        source_checksums: Mapping[str, str] | None = None,
        segments: Sequence[str] = (),
        scaling: Mapping[str, Scaling] | None = None,
        vocabulary: Vocabulary = "learnt",
        dropped: Sequence[Dropped] = (),
        warnings: Sequence[DataWarning] = (),
        comparisons: Sequence[Comparison] = (),
        verdict: DataWarning | None = None,
    ) -> None:
        """Write the manifest and move the folder to its place.

        Raises:
            DatasetError: a split has no rows, or train has one class only in every task.
        """
        for writer in self._open.values():
            writer.close()
        self._open.clear()
        self._check_that_it_can_be_learnt(", ".join(source_checksums or ()) or self.folder.name, dropped)
        manifest = Manifest(
            source=source,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=self._rows,
            positives=self._positives,
            checksums={path.name: sha256_of(path) for path in sorted(self._part.iterdir())},
            config=config,
            source_checksums=dict(source_checksums or {}),
            segments=tuple(segments),
            scaling=dict(scaling or {}),
            vocabulary=vocabulary,
            dropped=tuple(dropped),
            warnings=(*warnings, *self._found_warnings()),
            comparisons=tuple(comparisons),
            verdict=verdict,
        )
        (self._part / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        try:
            self._part.rename(self.folder)
        except OSError:
            # Another process made the same dataset in the meantime: equal dials, equal rows, so its copy serves.
            if not (self.folder / "manifest.json").is_file():
                raise

    def _check_that_it_can_be_learnt(self, files: str, dropped: Sequence[Dropped]) -> None:
        place: dict[str, str | int] = {"files": files}
        if dropped:
            place |= {"count": dropped[0].rows, "reason": dropped[0].reason}
        for split in SPLITS:
            if self._rows[split] > 0:
                continue
            if dropped:
                raise DatasetError(
                    "{files}: the {split} split would have no rows, since {count:,} rows are left out: {reason} "
                    "Correct these rows, or add others. Nothing was imported.",
                    split=split,
                    **place,
                )
            raise DatasetError(
                "{files}: the {split} split would have no rows. Give it rows, or import one file with more rows. "
                "Nothing was imported.",
                files=files,
                split=split,
            )
        binary = [task.name for task in self.schema.tasks if task.kind == "binary"]
        train = self._positives["train"]
        if len(binary) == len(self.schema.tasks) and all(train[task] in (0, self._rows["train"]) for task in binary):
            tasks = ", ".join(binary)
            if dropped:
                raise DatasetError(
                    "{files}: without the {count:,} rows that are left out ({reason}) train has one class only in "
                    "every task ({tasks}), so there is nothing to learn. Correct these rows, or add others. "
                    "Nothing was imported.",
                    tasks=tasks,
                    **place,
                )
            raise DatasetError(
                "{files}: train has one class only in every task ({tasks}), so there is nothing to learn. "
                "Add rows of the other class. Nothing was imported.",
                files=files,
                tasks=tasks,
            )

    def _widen_spans(self, table: pa.Table) -> None:
        for name in self.schema.field_names:
            if name not in table.column_names:
                continue
            found = pc.min_max(_without_padding(table[name]))
            low, high = found["min"].as_py(), found["max"].as_py()
            before = self._span.get(name, (low, high))
            self._span[name] = (min(low, before[0]), max(high, before[1]))

    def _found_warnings(self) -> list[DataWarning]:
        found = []
        user = self.schema.user_field
        is_constant = {name: low == high for name, (low, high) in self._span.items()}
        if user is not None and is_constant[user]:
            found.append(DataWarning(template="All rows of train belong to one user."))
        for task in (task.name for task in self.schema.tasks if task.kind == "binary"):
            for split in SPLITS:
                found += _class_warnings(task, split, self._positives[split][task], self._rows[split])
        constant = [name for name, is_it in is_constant.items() if is_it]
        if constant:
            found.append(
                DataWarning(
                    template="{count} of {fields} fields are constant in train and teach nothing: {names}.",
                    values={"count": len(constant), "fields": len(is_constant), "names": ", ".join(constant)},
                )
            )
        return found


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _class_warnings(task: str, split: SplitName, positives: int, rows: int) -> list[DataWarning]:
    place: dict[str, str | int | float] = {"task": task, "split": split}
    negatives = rows - positives
    if positives == 0 or negatives == 0:
        return [
            DataWarning(
                template="Every label of {task} in {split} is {label}: its AUC is undefined there.",
                values={**place, "label": 0 if positives == 0 else 1},
            )
        ]
    if split == "train" and positives < _FEW_POSITIVES:
        return [
            DataWarning(
                template="Train has {positives} of {task} to learn from.",
                values={"positives": positives, "task": task},
            )
        ]
    if positives == 1:
        return [DataWarning(template="This AUC rests on 1 positive ({task}, {split}).", values=place)]
    if positives < _FEW_POSITIVES:
        return [
            DataWarning(
                template="This AUC rests on {positives} positives ({task}, {split}).",
                values={**place, "positives": positives},
            )
        ]
    return []


def sessions_file(split: SplitName) -> str:
    """Name of the file with a split's sessions."""
    return f"{split}-sessions.parquet"


def _coded_leaf(field: pa.Field) -> str | None:
    """The Parquet path of a column of integers, or of lists of them; None for the others."""
    if pa.types.is_fixed_size_list(field.type):
        return f"{field.name}.list.element" if pa.types.is_integer(field.type.value_type) else None
    return field.name if pa.types.is_integer(field.type) else None


def _without_padding(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_fixed_size_list(column.type):
        return column
    tokens = pc.list_flatten(column)
    return tokens.filter(pc.not_equal(tokens, PADDING))


_vocabulary_schema = pa.schema([("label", pa.string())])
