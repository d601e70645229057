"""Everything that pages read and keep, keyed by `MMOE_HOME`. All caching is in the loaders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import streamlit as st

from mmoe_core.bench import BalancingCosts, read_balancing_costs
from mmoe_core.config import DataConfig, Simulated, SimulatedAliCcp, home, runs_folder
from mmoe_core.data import (
    Board,
    Dataset,
    Description,
    Finding,
    KnownDataset,
    Mark,
    describe,
    field_values,
    inspect_dataset,
    known_datasets,
    prepare,
    preview,
    preview_of,
    probe_rows,
)
from mmoe_core.data.simulator import check_true_rates
from mmoe_core.errors import LabError
from mmoe_core.exports import EndedRun, ended_run
from mmoe_core.records import GateSnapshot, GradientSnapshot
from mmoe_core.runs import MADE_AT_ONCE, BaselineReport, Replay, RunRow, Store, read_replay, replay_file

from .language import t

__all__ = [
    "balancing_costs",
    "dataset",
    "datasets",
    "description",
    "ended",
    "exports",
    "findings",
    "forget_datasets",
    "gates_of_best",
    "gradients",
    "imports",
    "is_preview",
    "looks",
    "make",
    "marks",
    "on_probe_rows",
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


@st.cache_data(show_spinner=False)
def balancing_costs() -> BalancingCosts | None:
    """What each balancing method was measured to cost; it comes with the project."""
    return read_balancing_costs()


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
            return _dataset(str(home()), _reading(data), data), None
    except LabError as error:
        return None, error


def forget_datasets() -> None:
    """Look again: a dataset was imported just now."""
    _datasets.clear()
    _dataset.clear()


def is_preview(data: DataConfig) -> TypeGuard[Simulated]:
    """Whether a few rows stand for a simulation that nobody has made yet."""
    is_there = any(known.name == data.dataset_name and known.is_ready for known in datasets())
    return isinstance(data, Simulated) and not is_there


def make(data: DataConfig) -> LabError | None:
    """Make a whole dataset and keep it, or why it cannot be had."""
    _, error = dataset(data)
    _datasets.clear()
    return error


def description(data: DataConfig) -> tuple[Description | None, LabError | None]:
    """What is in a dataset or in its preview, or why it cannot be had."""
    try:
        return _description(*_content(data), data), None
    except LabError as error:
        return None, error


def findings(data: DataConfig) -> list[Finding]:
    """What the doctor says of the same rows.

    Raises:
        LabError: they cannot be had.
    """
    return _findings(*_content(data), data)


@st.cache_resource(max_entries=8, show_spinner=False)
def _board(place: str, kind: str) -> Board[Any]:
    del place, kind  # the key
    return Board()


def imports() -> Board[Dataset]:
    """What this server imports or has imported, by the dataset's name; one board for all visitors."""
    return _board(str(home()), "imports")


def exports() -> Board[Path]:
    """The ways out of runs that this server makes or has made."""
    return _board(str(home()), "exports")


def baselines() -> Board[BaselineReport]:
    """The baselines that this server learns or has learnt, by the name of their folder."""
    return _board(str(home()), "baselines")


def looks() -> Board[Any]:
    """The looks at tables that this server takes or has taken."""
    return _board(str(home()), "looks")


@st.cache_data(max_entries=16, show_spinner=False)
def marks(data: SimulatedAliCcp) -> list[Mark]:
    """Rows simulated at the real log's rates, beside what is published about it."""
    return check_true_rates(data)


def _reading(data: DataConfig) -> str:
    """A key of the rows and of how their labels are read."""
    return " ".join((data.dataset_name, *(f"{task}={space}" for task, space in sorted(data.label_spaces.items()))))


def _content(data: DataConfig) -> tuple[str, Mapping[str, str]]:
    """A key that changes when the rows do: the name, and checksums where there are files.

    Raises:
        LabError: the dataset cannot be had.
    """
    if is_preview(data):
        return _reading(preview_of(data)), {}
    with st.spinner(t("Preparing the data …")):
        return _reading(data), _dataset(str(home()), _reading(data), data).manifest.checksums


@contextmanager
def _rows(data: DataConfig) -> Iterator[Dataset]:
    """The dataset where it is made, else a preview for as long as it is looked at."""
    if is_preview(data):
        with preview(data) as few:
            yield few
    else:
        yield _dataset(str(home()), _reading(data), data)


@st.cache_data(max_entries=32, show_spinner=False)
def _description(name: str, checksums: Mapping[str, str], _data: DataConfig) -> Description:
    del name, checksums  # the key
    with _rows(_data) as rows:
        return describe(rows)


@st.cache_data(max_entries=32, show_spinner=False)
def _findings(name: str, checksums: Mapping[str, str], _data: DataConfig) -> list[Finding]:
    del name, checksums  # the key
    with _rows(_data) as rows:
        return inspect_dataset(rows)


def replay(name: str) -> Replay | None:
    """A recorded run's config and schema; None where there is no such recording."""
    file = replay_file(name)
    return _replay(name, file.stat().st_mtime) if file.is_file() else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _replay(name: str, modified: float) -> Replay:
    del modified  # the key: `make replay` may write it anew
    return read_replay(name)


def ended(run: RunRow | None) -> tuple[EndedRun | None, LabError | None]:
    """A run that can be taken away, or why not."""
    if run is None:
        return None, None
    try:
        return _ended(str(runs_folder()), run.run_id, run.state), None
    except LabError as error:
        return None, error


@st.cache_resource(max_entries=4, show_spinner=False)
def _ended(folder: str, run_id: str, state: str) -> EndedRun:
    del folder, state  # the key
    return ended_run(store(), run_id)


def snapshots(run: RunRow) -> list[GateSnapshot]:
    """A run's gates over time; read anew while it goes on."""
    return _snapshots(str(runs_folder()), run.run_id, run.steps, run.state)


@st.cache_resource(max_entries=16, show_spinner=False)
def _snapshots(folder: str, run_id: str, steps: int, state: str) -> list[GateSnapshot]:
    del folder, steps, state  # the key
    return store().snapshots(run_id)


def gradients(run: RunRow) -> list[GradientSnapshot]:
    """How a run's tasks pulled over time; read anew while it goes on."""
    return _gradients(str(runs_folder()), run.run_id, run.steps, run.state)


@st.cache_resource(max_entries=16, show_spinner=False)
def _gradients(folder: str, run_id: str, steps: int, state: str) -> list[GradientSnapshot]:
    del folder, steps, state  # the key
    return store().gradients(run_id)


def gates_of_best(run: RunRow, *, level: int) -> tuple[np.ndarray, np.ndarray, LabError | None]:
    """One level's gates on the probe rows, (B, R, E), of the best weights and before training, or why not."""
    try:
        trained, untrained = (store().probe_gates(run.run_id, epoch)[level] for epoch in ("best", 0))
    except LabError as refused:
        return np.empty((0, 0, 0)), np.empty((0, 0, 0)), refused
    return trained, untrained, None


def on_probe_rows(run: RunRow, field: str) -> tuple[np.ndarray, LabError | None]:
    """What a field says on each probe row, (B,), or why nobody knows."""
    data, error = dataset(run.config.data)
    if data is None:
        return np.empty(0), error
    try:
        return field_values(data, "validation", field, probe_rows(data, run.config.train.probe_rows)), None
    except LabError as refused:
        return np.empty(0), refused
