"""The processed Ali-CCP table of the tutorials becomes a dataset: 100 rows or 40 million, in bounded memory.

Two passes: the first learns vocabularies and ranges and checks every row of every file, the second encodes.

Shape suffixes in this file:
    N rows of a batch
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from ..config import FIRST_KNOWN, Stored, datasets_folder
from ..errors import DatasetError
from .ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES, ali_ccp_schema
from .ali_ccp_vocabulary import AsGiven, Learnt, scaled_values, vocabulary_of
from .csv_reading import check_columns, read_batches
from .dataset import Dataset, name_is_taken, open_dataset
from .hashing import uniform
from .manifest import SPLITS, Dropped, Scaling, SplitName, Vocabulary
from .progress import OnProgress, OnShare, Steps
from .writing import DatasetWriter, sha256_of

__all__ = ["STAGES", "import_ali_ccp_csv"]

STAGES = ("Counting the users", "Learning from train, checking every row", "Writing the dataset")

_USER = "101"
_SHARES = (0.8, 0.9)  # of one file: train up to the first, validation up to the second
_ENOUGH_USERS = 10  # with fewer, a tenth of them is nobody
_FILE_WORDS: tuple[tuple[SplitName, str], ...] = (("train", "train"), ("validation", "val"), ("test", "test"))
_FILE_PATTERNS = (  # torch-rechub's names, the full table before its sample; then plain ones
    "ali_ccp_{split}.csv",
    "ali_ccp_{split}_sample.csv",
    "{split}.csv",
)


def import_ali_ccp_csv(
    source: Path,
    name: str,
    *,
    vocabulary: Vocabulary = "learnt",
    home: Path | None = None,
    seed: int = 2022,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """Import train, validation and test files from a folder, or one file that is split here.

    One file is split .8 / .1 / .1 by a hash of the user, so that nobody is in two splits; by a hash of the row where
    there are fewer than ten users. Importing the same files under the same name again opens what is there.

    Args:
        source: A folder with the three files (torch-rechub's names), a folder with one CSV file, or a file; .gz too.
        name: Of the dataset; a folder of `datasets`.
        vocabulary: Learnt from train, or ids as given: up to the largest of all splits, values unscaled.
        home: The folder that holds `datasets`; default: `MMOE_HOME`.
        seed: Of the hash that splits one file.
        on_progress: Told the step and the share of it that is done.

    Raises:
        DatasetError: names file, column, row, count and remedy; nothing was imported then.
    """
    _check_name(name)
    files = _find_files(source)
    folder = (datasets_folder() if home is None else home / "datasets") / name
    for file in files.paths:
        check_columns(file)
    checksums = {file.name: sha256_of(file) for file in files.paths}
    if folder.exists():
        return _same_import(folder, checksums, vocabulary)

    steps = Steps(STAGES if files.by_split is None else STAGES[1:], on_progress)
    rows = _Rows(files, seed, None if files.by_split is not None else steps.next())
    found = vocabulary_of(vocabulary)
    for split, batch in rows.read(steps.next()):
        found.widen(split, batch, files.of(split))
    labels = {field: found.labels(field) for field in ID_NAMES}
    schema = ali_ccp_schema({field: FIRST_KNOWN + len(known) for field, known in labels.items()})
    scaling = {field: found.scaling(field) for field in VALUE_NAMES}
    rows.num_dropped = 0
    with DatasetWriter(folder, schema, labels) as writer:
        for split, batch in rows.read(steps.next()):
            writer.append(split, _encode(batch, found, scaling, files.of(split)))
        writer.finish(
            "Imported from a table in the layout of the processed Ali-CCP log.",
            source_checksums=checksums,
            scaling=scaling,
            vocabulary=vocabulary,
            warnings=found.warnings,
            dropped=[Dropped(reason="A purchase without a click.", rows=rows.num_dropped)] if rows.num_dropped else (),
        )
    return open_dataset(folder)


@dataclass(frozen=True)
class _Files:
    by_split: dict[SplitName, Path] | None  # None: one file, split here
    paths: tuple[Path, ...]

    def of(self, split: SplitName) -> Path:
        """Where a split's rows come from."""
        return self.paths[0] if self.by_split is None else self.by_split[split]


def _check_name(name: str) -> None:
    try:
        Stored(name=name)
    except ValidationError:
        raise DatasetError(
            "'{name}' cannot be a dataset's name. Use up to 80 lower-case letters, digits, '.', '_' and '-', a letter "
            "or digit first.",
            name=name[:80],
        ) from None


def _find_files(source: Path) -> _Files:
    if source.is_file():
        return _Files(None, (source,))
    if not source.is_dir():
        raise DatasetError("There is no file or folder '{source}'.", source=str(source))
    for pattern in _FILE_PATTERNS:
        found = {
            split: path
            for split, word in _FILE_WORDS
            for path in (source / pattern.format(split=word), source / f"{pattern.format(split=word)}.gz")
            if path.is_file()
        }
        if len(found) == len(SPLITS):
            return _Files(found, tuple(found[split] for split in SPLITS))
        if found:
            raise DatasetError(
                "'{source}' has {found}, but not {missing}. Add what is missing, or name one file only, which is then "
                "split here.",
                source=source.name,
                found=", ".join(path.name for path in found.values()),
                missing=", ".join(pattern.format(split=word) for split, word in _FILE_WORDS if split not in found),
            )
    alone = [path for path in sorted(source.iterdir()) if path.name.endswith((".csv", ".csv.gz"))]
    if len(alone) == 1:
        return _Files(None, (alone[0],))
    raise DatasetError(
        "'{source}' holds no Ali-CCP table: expected ali_ccp_train.csv, ali_ccp_val.csv and ali_ccp_test.csv (or "
        "ali_ccp_train_sample.csv and so on, .gz too), or one CSV file; found {count} CSV files.",
        source=source.name,
        count=len(alone),
    )


def _same_import(folder: Path, checksums: dict[str, str], vocabulary: Vocabulary) -> Dataset:
    dataset = open_dataset(folder)
    if dataset.manifest.source_checksums != checksums or dataset.manifest.vocabulary != vocabulary:
        raise name_is_taken(folder.name)
    return dataset


class _Rows:
    """The clean rows of all files with the split they belong to; readable any number of times, same rows each time."""

    def __init__(self, files: _Files, seed: int, on_share: OnShare | None) -> None:
        self._files = files
        self._seed = seed
        users = np.empty(0, np.int64) if files.by_split is not None else _users(files.paths[0], on_share)
        self._by_user = len(users) >= _ENOUGH_USERS
        self._cuts = _cuts(users, seed) if self._by_user else np.array(_SHARES)
        self.num_dropped = 0

    def read(self, on_share: OnShare) -> Iterator[tuple[SplitName, pa.RecordBatch]]:
        if self._files.by_split is not None:
            for split, tell in zip(SPLITS, self._shares_of(on_share), strict=True):
                for batch in read_batches(self._files.by_split[split], on_share=tell):
                    yield split, self._clean(batch)
            return
        start = 0
        for batch in read_batches(self._files.paths[0], on_share=on_share):
            keys_N = _ids(batch, _USER) if self._by_user else np.arange(start, start + len(batch))
            start += len(batch)
            split_N = np.searchsorted(self._cuts, uniform(keys_N, self._seed), side="right")
            for index, split in enumerate(SPLITS):
                yield split, self._clean(batch.filter(pa.array(split_N == index)))

    def _shares_of(self, on_share: OnShare) -> list[OnShare]:
        """What to tell about each file, so that together they tell the share of all bytes."""
        sizes = [path.stat().st_size for path in self._files.paths]
        ends = list(accumulate(sizes))

        def of_file(size: int, end: int) -> OnShare:
            return lambda share: on_share((end - size + share * size) / ends[-1])

        return [of_file(size, end) for size, end in zip(sizes, ends, strict=True)]

    def _clean(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Without purchases that follow no click: every public preprocessing of Ali-CCP drops these rows."""
        is_odd = (batch["purchase"].to_numpy() == 1) & (batch["click"].to_numpy() == 0)
        self.num_dropped += int(is_odd.sum())
        return batch.filter(pa.array(~is_odd)) if is_odd.any() else batch


def _encode(batch: pa.RecordBatch, vocabulary: Learnt | AsGiven, scaling: dict[str, Scaling], file: Path) -> pa.Table:
    columns: dict[str, np.ndarray] = {}
    for field in ID_NAMES:
        columns[field] = vocabulary.local_ids(field, batch[field])
    for field in VALUE_NAMES:
        columns[field] = scaled_values(batch[field].to_numpy(), field, scaling[field], file)
    for label in LABEL_NAMES:
        columns[label] = batch[label].to_numpy().astype(np.uint8)
    return pa.table(columns)


def _cuts(users: np.ndarray, seed: int) -> np.ndarray:
    """Where hashes of users are cut, so that .8 and .1 of the users come before."""
    hashes = np.sort(uniform(users, seed))
    return hashes[[round(share * len(users)) for share in _SHARES]]


def _users(path: Path, on_share: OnShare | None) -> np.ndarray:
    found = np.empty(0, np.int64)
    for batch in read_batches(path, (_USER,), on_share):
        found = np.union1d(found, _ids(batch, _USER))
    return found


def _ids(batch: pa.RecordBatch, field: str) -> np.ndarray:
    return np.asarray(batch[field].fill_null(-1).to_numpy())
