"""Somebody's own table becomes a dataset: read once to learn from train and check every row, once more to encode.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from ...config import FIRST_KNOWN, IdField, Schema, TaskSpec, ValueField
from ...errors import DatasetError
from ..dataset import Dataset, open_dataset
from ..manifest import SPLITS, DataWarning, Dropped, Scaling, SplitName
from ..progress import OnProgress, Steps
from ..writing import DatasetWriter, sha256_of
from .learning import Moments, Vocabulary, local_ids
from .mapping import DELIMITERS, TableMapping
from .opening import TableFile, open_table
from .rows import Rows, TableRows

__all__ = ["STAGES", "import_table"]

STAGES = ("Finding the moments between the splits", "Learning from train, checking every row", "Writing the dataset")

_MAPPING = "mapping"  # beside the source's checksum, so that other roles make another dataset
_BUFFERED_BYTES = 16 << 20  # per split; large row groups are read faster than many small ones
_MOST_JOINED_ROWS = 1 << 19


def import_table(path: Path, mapping: TableMapping, folder: Path, *, on_progress: OnProgress | None = None) -> Dataset:
    """Import a CSV or Parquet table. Importing it again in the same way opens what is there.

    Vocabularies and scaling are learnt from train only. Ids that train does not have often enough are rare, empty
    cells missing; a missing value is train's mean. Regression labels are standardised.

    Args:
        path: Of the table, plain or gzipped.
        mapping: What its columns are.
        folder: Where the dataset shall be.
        on_progress: Told the step and the share of it that is done.

    Raises:
        DatasetError: names file, row, column and remedy; nothing was imported then.
    """
    file = open_table(path, mapping.delimiter)
    _check_columns(file, mapping)
    text = mapping.model_dump_json()
    checksums = {path.name: sha256_of(path), _MAPPING: hashlib.sha256(text.encode()).hexdigest()}
    if folder.exists():
        return _same_import(folder, checksums)
    steps = Steps(STAGES if mapping.split == "time" else STAGES[1:], on_progress)
    rows = TableRows(file, mapping)
    if mapping.split == "time":
        rows.cut_by_time(steps.next())
    learnt = _Learnt(mapping)
    for batch in rows.read(steps.next()):
        learnt.add(batch)
    if not learnt.num_rows:
        raise DatasetError(
            "{file} has no row that can be used. Add rows, or choose another file. Nothing was imported.",
            file=path.name,
        )
    encoding = _Encoding(mapping, learnt)
    with DatasetWriter(folder, encoding.schema, encoding.vocabularies) as writer:
        buffered = _Buffered(writer)
        for batch in rows.read(steps.next(), at_least=min(_MOST_JOINED_ROWS, encoding.largest_vocabulary // 2)):
            table = encoding.table(batch)
            for index, split in enumerate(SPLITS):
                buffered.append(split, table.filter(pa.array(batch.split_N == index)))
        buffered.flush()
        writer.keep("mapping.json", mapping.model_dump_json(indent=1))
        writer.finish(
            "Imported from a table whose columns were mapped by hand.",
            source_checksums=checksums,
            scaling=encoding.scaling,
            dropped=_dropped(rows),
            warnings=learnt.warnings(),
        )
    return open_dataset(folder)


class _Learnt:
    """Everything that the first reading teaches."""

    def __init__(self, mapping: TableMapping) -> None:
        self.mapping = mapping
        self.num_rows = 0
        self.vocabularies = {name: Vocabulary() for name in mapping.ids}
        self.numbers = {value.name: Moments() for value in mapping.values}
        self.numbers |= {label.name: Moments() for label in mapping.labels if label.kind == "regression"}
        self._num_missing = {value.name: 0 for value in mapping.values}
        self._num_contradictions = dict.fromkeys(mapping.label_names, 0)

    def add(self, rows: Rows) -> None:
        is_train_N = rows.split_N == 0
        mask = pa.array(is_train_N)
        for name, texts in rows.ids.items():
            self.vocabularies[name].count(texts.filter(mask))
        numbers = {**rows.values, **rows.labels}
        for name, moments in self.numbers.items():
            moments.add(numbers[name][is_train_N])
        for name, value_N in rows.values.items():
            self._num_missing[name] += int(np.isnan(value_N).sum())
        for name, count in rows.num_contradictions.items():
            self._num_contradictions[name] += count
        self.num_rows += len(is_train_N)

    def warnings(self) -> list[DataWarning]:
        found = [
            DataWarning(
                template="{count} of {rows} values of {column} are missing and stand at train's mean.",
                values={"count": count, "rows": self.num_rows, "column": name},
            )
            for name, count in self._num_missing.items()
            if count
        ]
        for label in self.mapping.labels:
            count = self._num_contradictions[label.name]
            if label.observed_if is not None and count:
                found.append(
                    DataWarning(
                        template="{count} rows have {label} without {condition}; {label} is not observed there.",
                        values={"count": count, "label": label.name, "condition": label.observed_if},
                    )
                )
            if label.kind == "regression":
                found.append(
                    DataWarning(
                        template="{label} is learnt in standard deviations of train, from its mean.",
                        values={"label": label.name},
                    )
                )
        if self.mapping.user is not None and self.mapping.split == "random":
            found.append(
                DataWarning(
                    template="Rows were split at random, so that one {user} may be in train and in test.",
                    values={"user": self.mapping.user},
                )
            )
        return found


class _Encoding:
    """Rows as a dataset's columns, by what train taught."""

    def __init__(self, mapping: TableMapping, learnt: _Learnt) -> None:
        self._mapping = mapping
        self._labels = {name: found.labels(mapping.min_frequency) for name, found in learnt.vocabularies.items()}
        self.vocabularies = {name: labels.to_numpy(zero_copy_only=False) for name, labels in self._labels.items()}
        self.largest_vocabulary = max((len(labels) for labels in self._labels.values()), default=0)
        is_log = {value.name: value.is_log for value in mapping.values}
        self.scaling = {
            name: moments.scaling(is_log=is_log.get(name, False)) for name, moments in learnt.numbers.items()
        }
        self.schema = Schema(
            id_fields=tuple(
                IdField(name=name, vocabulary_size=FIRST_KNOWN + len(self._labels[name])) for name in mapping.ids
            ),
            value_fields=tuple(ValueField(name=value.name) for value in mapping.values),
            tasks=tuple(
                TaskSpec(
                    name=label.name,
                    kind=label.kind,
                    observed_if="click" if label.observed_if == "click" else None,  # else empty labels say so
                    label_space=mapping.label_spaces[label.name],
                )
                for label in mapping.labels
            ),
            user_field=mapping.user if mapping.user in mapping.ids else None,
        )

    def table(self, rows: Rows) -> pa.Table:
        columns: dict[str, object] = {}
        for name, texts in rows.ids.items():
            columns[name] = local_ids(texts, self._labels[name])
        for name, value_N in rows.values.items():
            columns[name] = np.nan_to_num(_scaled(value_N, self.scaling[name]))
        for label in self._mapping.labels:
            label_N = rows.labels[label.name]
            is_unknown_N = np.isnan(label_N)
            if label.kind == "regression":
                label_N = _scaled(label_N, self.scaling[label.name])
            kind = pa.uint8() if label.kind == "binary" else pa.float32()
            columns[label.name] = pa.array(np.nan_to_num(label_N), mask=is_unknown_N).cast(kind)
        return pa.table(columns)


class _Buffered:
    """Hands a writer large pieces only."""

    def __init__(self, writer: DatasetWriter) -> None:
        self._writer = writer
        self._tables: dict[SplitName, list[pa.Table]] = {split: [] for split in SPLITS}

    def append(self, split: SplitName, table: pa.Table) -> None:
        waiting = self._tables[split]
        waiting.append(table)
        if sum(piece.nbytes for piece in waiting) >= _BUFFERED_BYTES:
            self._write(split)

    def flush(self) -> None:
        for split in SPLITS:
            self._write(split)

    def _write(self, split: SplitName) -> None:
        waiting, self._tables[split] = self._tables[split], []
        if waiting:
            self._writer.append(split, pa.concat_tables(waiting).combine_chunks())


def _check_columns(file: TableFile, mapping: TableMapping) -> None:
    absent = [name for name in mapping.used if name not in file.names]
    if not absent:
        return
    if file.kind == "csv" and len(file.names) == 1:
        guessed = open_table(file.path).delimiter
        if guessed != mapping.delimiter:
            raise DatasetError(
                "{file}, row 1 has one column only, '{column}': it looks separated by {delimiter}. Choose that "
                "delimiter. Nothing was imported.",
                file=file.path.name,
                column=file.names[0][:60],
                delimiter=DELIMITERS[guessed],
            )
    raise DatasetError(
        "{file} has no column '{column}'. Its columns: {columns}. Nothing was imported.",
        file=file.path.name,
        column=absent[0],
        columns=", ".join(name[:40] for name in file.names[:12]) + (", …" if len(file.names) > 12 else ""),
    )


def _same_import(folder: Path, checksums: dict[str, str]) -> Dataset:
    if (folder / "manifest.json").is_file():
        dataset = open_dataset(folder)
        if dataset.manifest.source_checksums == checksums:
            return dataset
    raise DatasetError(
        "There is already a dataset '{dataset}', made from another table or with other roles. Choose another name, or "
        "delete it first. Nothing was imported.",
        dataset=folder.name,
    )


def _dropped(rows: TableRows) -> list[Dropped]:
    found = [
        Dropped(reason="A number of cells that is not the header's.", rows=rows.num_ragged),
        Dropped(reason="A cell that is not what its column should hold.", rows=rows.num_bad),
    ]
    return [dropped for dropped in found if dropped.rows]


def _scaled(value_N: np.ndarray, scaling: Scaling) -> np.ndarray:
    return np.asarray((value_N - scaling.shift) / scaling.scale, dtype=np.float32)
