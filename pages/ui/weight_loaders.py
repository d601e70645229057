"""What the weight lab reads: sweeps as they are now, and what their runs' steps say, kept once read."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import balance_over_time, mean_shares, shares_over_time
from mmoe_core.config import runs_folder
from mmoe_core.errors import LabError
from mmoe_core.records import StepRecord
from mmoe_core.runs import RunRow, Sweep, SweptRun, read_sweep, read_sweeps

from .loaders import store

__all__ = ["balance", "newest", "shares", "shares_over_weights", "sweep"]


def newest() -> Sweep | None:
    """The sweep that was asked for last."""
    return next(iter(read_sweeps(store=store())), None)


def sweep(sweep_id: str) -> tuple[Sweep | None, LabError | None]:
    """A sweep with its runs as they are now, or why there is none."""
    try:
        return read_sweep(sweep_id, store=store()), None
    except LabError as error:
        return None, error


def shares(run: RunRow) -> pd.DataFrame:
    """A run's shares of loss and gradient, over its steps so far."""
    return _shares(str(runs_folder()), run.run_id, run.steps)


@st.cache_data(max_entries=32, show_spinner=False)
def _shares(folder: str, run_id: str, steps: int) -> pd.DataFrame:
    del folder, steps  # the key
    return shares_over_time(_steps(run_id))


def balance(run: RunRow) -> pd.DataFrame:
    """A run's weights as its balancing method set them times those that people set; empty where there is no method."""
    return _balance(str(runs_folder()), run.run_id, run.steps)


@st.cache_data(max_entries=32, show_spinner=False)
def _balance(folder: str, run_id: str, steps: int) -> pd.DataFrame:
    del folder, steps  # the key
    found = _steps(run_id)
    return balance_over_time(found)["λw"] if any(step.balance for step in found) else pd.DataFrame()


def shares_over_weights(runs: Sequence[SweptRun]) -> pd.DataFrame:
    """Shares over a whole training, by weight; the mean of its seeds."""
    rows = {place: _mean_shares(str(runs_folder()), one.run.run_id) for place, one in enumerate(runs) if one.run}
    weights = [runs[place].point.weight for place in rows]
    return pd.DataFrame(rows.values(), index=pd.Index(weights, name="weight")).groupby(level=0).mean()


@st.cache_data(max_entries=256, show_spinner=False)
def _mean_shares(folder: str, run_id: str) -> pd.Series:
    del folder  # the key
    return mean_shares(_steps(run_id))


def _steps(run_id: str) -> list[StepRecord]:
    return [record for record in store().records(run_id, ["step"]) if isinstance(record, StepRecord)]
