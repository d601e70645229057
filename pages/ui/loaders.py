"""Everything that pages read and keep: the store, the datasets. All caching is here, and keyed by `MMOE_HOME`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from mmoe_core.config import DataConfig, home, runs_folder
from mmoe_core.data import Board, Dataset, FieldSummary, KnownDataset, field_values, known_datasets, prepare, probe_rows
from mmoe_core.data import field_summaries as summarise
from mmoe_core.errors import LabError
from mmoe_core.records import GateSnapshot
from mmoe_core.runs import MADE_AT_ONCE, Replay, RunRow, Store, read_replay, replay_file

from .language import t

__all__ = [
    "dataset",
    "datasets",
    "field_summaries",
    "forget_datasets",
    "imports",
    "label_moments",
    "looks",
    "probe",
    "replay",
    "run",
    "snapshots",
    "store",
]


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(folder: str) -> Store:
    del folder  # the key
    return Store(runs_folder())


def store() -> Store:
    """The store of this installation."""
    return _store(str(runs_folder()))


def run(run_id: str | None) -> tuple[RunRow | None, LabError | None]:
    """A run's row, or why there is none."""
    if run_id is None:
        return None, None
    try:
        return store().row(run_id), None
    except LabError as error:
        return None, error


@st.cache_data(ttl=3, max_entries=4, show_spinner=False)
def _datasets(place: str) -> list[KnownDataset]:
    del place  # the key
    return list(known_datasets())


def datasets() -> list[KnownDataset]:
    """What can be trained on here."""
    return _datasets(str(home()))


@st.cache_resource(max_entries=16, ttl=600, show_spinner=False)
def _dataset(place: str, name: str, _data: DataConfig) -> Dataset:
    del place, name  # the key
    return prepare(_data)


def dataset(data: DataConfig) -> tuple[Dataset | None, LabError | None]:
    """The dataset that a config names, simulated or converted if need be, or why it cannot be had.

    (None, None): a simulation too long to wait for here; the training process will make it.
    """
    is_long = getattr(data, "num_rows", 0) > MADE_AT_ONCE
    if is_long and not any(known.name == data.dataset_name and known.is_ready for known in datasets()):
        return None, None
    try:
        with st.spinner(t("Preparing the data …")):
            return _dataset(str(home()), data.dataset_name, data), None
    except LabError as error:
        return None, error


def forget_datasets() -> None:
    """Look again: a dataset was imported just now."""
    _datasets.clear()
    _dataset.clear()


@st.cache_resource(max_entries=8, show_spinner=False)
def _board(place: str, kind: str) -> Board[Any]:
    del place, kind  # the key
    return Board()


def imports() -> Board[Dataset]:
    """What this server imports or has imported, by the dataset's name; one board for all visitors."""
    return _board(str(home()), "imports")


def looks() -> Board[Any]:
    """The looks at tables that this server takes or has taken."""
    return _board(str(home()), "looks")


@st.cache_data(max_entries=16, show_spinner=False)
def field_summaries(_dataset: Dataset, checksums: Mapping[str, str]) -> list[FieldSummary]:
    """What each field holds; kept per content of the dataset."""
    del checksums  # the key
    return summarise(_dataset)


@st.cache_data(max_entries=16, show_spinner=False)
def label_moments(_dataset: Dataset, checksums: Mapping[str, str]) -> dict[tuple[str, str], tuple[float, float]]:
    """(split, task) → mean and standard deviation of a regression's observed labels; none where rows are many."""
    del checksums  # the key
    tasks = [(column, task.name) for column, task in enumerate(_dataset.schema.tasks) if task.kind == "regression"]
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for split, num_rows in _dataset.manifest.rows.items():
        if not tasks or num_rows > MADE_AT_ONCE:
            continue
        rows = _dataset.split(split)
        for column, task in tasks:
            labels_N = rows.labels_NT[:, column][rows.observed_NT[:, column]]
            if len(labels_N):
                found[split, task] = (float(labels_N.mean(dtype=np.float64)), float(labels_N.std(dtype=np.float64)))
    return found


def replay(name: str) -> Replay | None:
    """A recorded run's config and schema; None where there is no such recording."""
    file = replay_file(name)
    return _replay(name, file.stat().st_mtime) if file.is_file() else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _replay(name: str, modified: float) -> Replay:
    del modified  # the key: `make replay` may write it anew
    return read_replay(name)


def snapshots(run: RunRow) -> list[GateSnapshot]:
    """A run's gates over time; read anew while it goes on."""
    return _snapshots(str(runs_folder()), run.run_id, run.steps, run.state)


@st.cache_resource(max_entries=16, show_spinner=False)
def _snapshots(folder: str, run_id: str, steps: int, state: str) -> list[GateSnapshot]:
    del folder, steps, state  # the key
    return store().snapshots(run_id)


def probe(run: RunRow, field: str, epoch: int | str) -> tuple[np.ndarray, np.ndarray, LabError | None]:
    """The tasks' gates on the probe rows (B, R, E), what a field says on each of them (B,), or why not."""
    data, error = dataset(run.config.data)
    if data is None:
        return np.empty((0, 0, 0)), np.empty(0), error
    try:
        gates_BRE = store().probe_gates(run.run_id, epoch)[-1]
        rows_B = probe_rows(data, run.config.train.probe_rows)
        return gates_BRE, field_values(data, "validation", field, rows_B), None
    except LabError as refused:
        return np.empty((0, 0, 0)), np.empty(0), refused
