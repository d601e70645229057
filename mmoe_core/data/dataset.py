"""A prepared dataset as arrays.

Shape suffixes in this file:
    N rows   F id columns of a row   D value fields   T tasks
    S sessions   C id columns of a session
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from ..config import Schema
from ..errors import DatasetError, NameTaken
from .manifest import Manifest, SplitName
from .rows import Split
from .writing import SEGMENT, SESSION, TRUTH, WEIGHTS, sessions_file, sha256_of

__all__ = ["Dataset", "name_is_taken", "open_dataset"]

_Layout = dict[str, tuple[type, tuple[int, ...]]]  # array -> dtype, shape of a row

_MAPPED_FROM_ROWS = 2_000_000  # larger splits are read through the page cache instead of held in memory


class Dataset:
    """A dataset folder, opened. Splits are read at first use and kept.

    Attributes:
        name: Its folder's name.
        folder: Where it lies.
        schema: Fields and tasks.
        manifest: Counts, origin, warnings.
    """

    def __init__(self, folder: Path, schema: Schema, manifest: Manifest) -> None:
        self.name = folder.name
        self.folder = folder
        self.schema = schema
        self.manifest = manifest
        self._splits: dict[SplitName, Split] = {}

    def split(self, name: SplitName) -> Split:
        """The rows of a split; memory-mapped when there are millions.

        Raises:
            DatasetError: the file is not what the manifest says.
        """
        if name not in self._splits:
            is_large = self.manifest.rows[name] >= _MAPPED_FROM_ROWS
            arrays = self._mapped_arrays(name) if is_large else self._arrays(name, None)
            self._splits[name] = Split(name=name, schema=self.schema, **arrays)
        return self._splits[name]

    def verify(self) -> None:
        """Read every file against its checksum.

        Raises:
            DatasetError: one is missing or was changed.
        """
        for file in self.manifest.checksums:
            self._checked(file)

    def vocabulary(self, field: str) -> np.ndarray:
        """The label of every local id of an id field: "padding", "missing", "rare", then what train taught.

        Raises:
            DatasetError: there is no such id field.
        """
        names = [id_field.name for id_field in self.schema.id_fields]
        if field not in names:
            raise DatasetError(
                "{dataset} has no id field '{field}'. Choose one of {fields}.",
                dataset=self.name,
                field=field,
                fields=", ".join(names),
            )
        labels = self._vocabulary_file.read_row_group(names.index(field))["label"]
        return np.asarray(labels.to_numpy(), dtype=np.str_)

    def latent(self, split: SplitName, name: str) -> np.ndarray:
        """What only the simulator knows of each row and no network may read, such as `satisfaction`; float64 (N,).

        Raises:
            DatasetError: nothing of this name is known.
        """
        file = pq.ParquetFile(self._checked(f"{split}.parquet"))
        if TRUTH + name not in file.schema_arrow.names:
            raise DatasetError("Nobody knows the {latent} of the rows of {dataset}.", latent=name, dataset=self.name)
        return np.asarray(file.read([TRUTH + name])[TRUTH + name].to_numpy())

    @cached_property
    def latents(self) -> tuple[str, ...]:
        """Names that `latent` knows, other than the tasks' own probabilities."""
        names = pq.read_schema(self.folder / "train.parquet").names
        latent = [name.removeprefix(TRUTH) for name in names if name.startswith(TRUTH)]
        return tuple(name for name in latent if name not in self.schema.task_names)

    @cached_property
    def _vocabulary_file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self._checked("vocabulary.parquet"))

    def _checked(self, file: str) -> Path:
        path = self.folder / file
        if not path.is_file() or sha256_of(path) != self.manifest.checksums.get(file):
            raise DatasetError(
                "{file} of the dataset {dataset} is missing or was changed since it was made. "
                "Delete the dataset's folder and make or import it again.",
                file=file,
                dataset=self.name,
            )
        return path

    def _mapped_arrays(self, name: SplitName) -> dict[str, np.ndarray]:
        folder = self.folder / f"arrays-{name}"
        if not folder.is_dir():
            part = self.folder / f".arrays-{name}.{secrets.token_hex(4)}.part"
            part.mkdir()
            try:
                self._arrays(name, part)
                part.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was first, with the same arrays
                    raise
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}

    def _arrays(self, name: SplitName, folder: Path | None) -> dict[str, np.ndarray]:
        """Decode a split row group by row group, into memory or into .npy files in `folder`."""
        arrays = self._decoded(f"{name}.parquet", self._row_layout, folder)
        if any(field.per_session for field in self.schema.id_fields):
            arrays |= self._decoded(sessions_file(name), self._session_layout, folder)
        return arrays

    def _decoded(self, file_name: str, layout: _Layout, folder: Path | None) -> dict[str, np.ndarray]:
        file = pq.ParquetFile(self._checked(file_name))
        rows = file.metadata.num_rows
        arrays = {array: _empty(folder, array, dtype, (rows, *width)) for array, (dtype, width) in layout.items()}
        start = 0
        for group in _row_groups(file):
            self._decode(group, {array: values[start : start + len(group)] for array, values in arrays.items()})
            start += len(group)
        return arrays

    @property
    def _row_layout(self) -> _Layout:
        schema = self.schema
        of_row = [field for field in schema.id_fields if not field.per_session]
        tasks = (len(schema.tasks),)
        layout: _Layout = {
            "ids_NF": (np.int32, (sum(field.num_tokens for field in of_row),)),
            "dense_ND": (np.float32, (len(schema.value_fields),)),
            "labels_NT": (np.float32, tasks),
            "observed_NT": (np.bool_, tasks),
        }
        if any(field.num_tokens > 1 for field in of_row):
            layout["weights_NF"] = (np.float32, layout["ids_NF"][1])
        if len(of_row) < len(schema.id_fields):
            layout["sessions_N"] = (np.int32, ())
        if schema.is_simulated:
            layout |= {"truth_NT": (np.float64, tasks), "segments_N": (np.int8, ())}
        return layout

    @property
    def _session_layout(self) -> _Layout:
        of_session = [field for field in self.schema.id_fields if field.per_session]
        layout: _Layout = {"session_ids_SC": (np.int32, (sum(field.num_tokens for field in of_session),))}
        if any(field.num_tokens > 1 for field in of_session):
            layout["session_weights_SC"] = (np.float32, layout["session_ids_SC"][1])
        return layout

    def _decode(self, group: pa.Table, into: dict[str, np.ndarray]) -> None:
        """Fill the arrays that `into` has from the columns of a row group."""
        of_session = "session_ids_SC" in into
        ids, weights = (
            (into["session_ids_SC"], into.get("session_weights_SC"))
            if of_session
            else (into["ids_NF"], into.get("weights_NF"))
        )
        column = 0
        for field, offset in zip(self.schema.id_fields, self.schema.offsets, strict=True):
            if field.per_session != of_session:
                continue
            place = slice(column, column := column + field.num_tokens)
            np.add(_matrix(group[field.name], field.num_tokens), np.int32(offset), out=ids[:, place])
            if weights is not None:
                is_many = field.num_tokens > 1
                weights[:, place] = _matrix(group[WEIGHTS + field.name], field.num_tokens) if is_many else 1
        if not of_session:
            self._decode_rest(group, into)

    def _decode_rest(self, group: pa.Table, into: dict[str, np.ndarray]) -> None:
        schema = self.schema
        if "sessions_N" in into:
            into["sessions_N"][:] = group[SESSION].to_numpy()
        for column, value_field in enumerate(schema.value_fields):
            into["dense_ND"][:, column] = group[value_field.name].to_numpy()
        for column, task in enumerate(schema.tasks):
            into["labels_NT"][:, column] = group[task.name].fill_null(0).to_numpy()
            into["observed_NT"][:, column] = group[task.name].is_valid().to_numpy()
            if task.observed_if is not None:
                into["observed_NT"][:, column] &= group[task.observed_if].to_numpy() == 1
            if schema.is_simulated:
                into["truth_NT"][:, column] = group[TRUTH + task.name].to_numpy()
        if schema.is_simulated:
            into["segments_N"][:] = group[SEGMENT].to_numpy()


def open_dataset(folder: Path) -> Dataset:
    """The dataset in a folder.

    Raises:
        DatasetError: there is none, or its schema or manifest cannot be read.
    """
    try:
        schema = Schema.model_validate_json((folder / "schema.json").read_bytes())
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise DatasetError(
            "There is no dataset '{dataset}' here. `python -m mmoe_core datasets` lists what there is.",
            dataset=folder.name,
        ) from None
    except (ValidationError, json.JSONDecodeError) as error:
        raise DatasetError(
            "The dataset '{dataset}' is damaged ({reason}). Delete its folder and make or import it again.",
            dataset=folder.name,
            reason=str(error).splitlines()[0],
        ) from None
    return Dataset(folder, schema, manifest)


def _matrix(column: pa.ChunkedArray, width: int) -> np.ndarray:
    """A column of lists of one length as rows of that length; plain numbers as rows of one."""
    if width == 1:
        return np.asarray(column.to_numpy())[:, None]
    return np.concatenate([chunk.flatten().to_numpy() for chunk in column.chunks]).reshape(-1, width)


def name_is_taken(name: str) -> NameTaken:
    """What to say when a dataset of this name is there already, with other rows."""
    return NameTaken(
        "There is already a dataset '{dataset}', made from other files. Choose another name, or delete it first: "
        "`python -m mmoe_core datasets --delete {dataset}`. Nothing was imported.",
        dataset=name,
    )


def _row_groups(file: pq.ParquetFile) -> Iterator[pa.Table]:
    for index in range(file.num_row_groups):
        yield file.read_row_group(index)


def _empty(folder: Path | None, name: str, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    if folder is None:
        return np.empty(shape, dtype)
    return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)
