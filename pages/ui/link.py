"""The address of a page ↔ what is chosen there: the whole configuration as `path=value`, ids and numbers only.

Switching pages clears the address, so the last choice is kept in the session and written back on return.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.config import RunConfig, from_flat, preset, to_flat
from mmoe_core.errors import ConfigError

__all__ = [
    "choose_grouping",
    "choose_operation",
    "choose_run",
    "choose_runs",
    "choose_sweep",
    "chosen_grouping",
    "chosen_operation",
    "chosen_run",
    "chosen_runs",
    "chosen_sweep",
    "read",
    "write",
]

_ROOMS = ("data.", "model.", "train.")
_RUN, _RUNS, _BY, _OPERATION, _SWEEP = "run", "runs", "by", "operate", "sweep"
_CONFIG_KEPT, _RUN_KEPT, _RUNS_KEPT, _OPERATION_KEPT, _SWEEP_KEPT = (
    f"link_{name}" for name in ("config", _RUN, _RUNS, _OPERATION, _SWEEP)
)


def read(of_run: RunConfig | None = None) -> tuple[RunConfig, ConfigError | None]:
    """The config that the address spells, and what was wrong with it (then the config is the classroom preset).

    Args:
        of_run: The chosen run's config, for an address that names a run and spells no config.
    """
    spelled = _spelled()
    if not spelled and of_run is not None and st.query_params.get(_RUN):
        return of_run, None
    spelled = spelled or st.session_state.get(_CONFIG_KEPT) or to_flat(preset("classroom"))
    try:
        return from_flat(spelled), None
    except ConfigError as error:
        return preset("classroom"), error


def write(config: RunConfig) -> None:
    """Spell a config in the address; what else stands there stays."""
    flat = to_flat(config)
    st.session_state[_CONFIG_KEPT] = flat
    if flat != _spelled():
        others = {name: value for name, value in st.query_params.to_dict().items() if not name.startswith(_ROOMS)}
        st.query_params.from_dict(others | flat)


def chosen_run() -> str | None:
    """The run that the address names; without any choice in the address, the last one, with the choices made since."""
    named = st.query_params.get(_RUN)
    if named is None and not _spelled():
        named = st.session_state.get(_RUN_KEPT)
        st.query_params.update(st.session_state.get(_CONFIG_KEPT) or {})
    if named:
        choose_run(named)
    return named


def choose_run(run_id: str | None) -> None:
    """Name a run in the address, or none."""
    st.session_state[_RUN_KEPT] = run_id
    if run_id is None:
        st.query_params.pop(_RUN, None)
    elif st.query_params.get(_RUN) != run_id:
        st.query_params[_RUN] = run_id


def chosen_runs() -> list[str]:
    """The runs that the address names, once each, the baseline first; without any, the last ones."""
    named = st.query_params.get(_RUNS) or st.session_state.get(_RUNS_KEPT) or ""
    return list(dict.fromkeys(filter(None, named.split(","))))


def choose_runs(run_ids: Sequence[str]) -> None:
    """Name several runs in the address, the baseline first."""
    named = ",".join(run_ids)
    st.session_state[_RUNS_KEPT] = named
    if not named:
        st.query_params.pop(_RUNS, None)
    elif st.query_params.get(_RUNS) != named:
        st.query_params[_RUNS] = named


def chosen_operation() -> str | None:
    """What the address does to gates, as JSON of names and numbers; without it, what was done last."""
    named = st.query_params.get(_OPERATION)
    return st.session_state.get(_OPERATION_KEPT) if named is None else named


def choose_operation(spelled: str) -> None:
    """Say in the address what is done to gates."""
    st.session_state[_OPERATION_KEPT] = spelled
    if st.query_params.get(_OPERATION) != spelled:
        st.query_params[_OPERATION] = spelled


def chosen_sweep() -> str | None:
    """The sweep that the address names; without any, the last one."""
    return st.query_params.get(_SWEEP) or st.session_state.get(_SWEEP_KEPT)


def choose_sweep(sweep_id: str) -> None:
    """Name a sweep in the address."""
    st.session_state[_SWEEP_KEPT] = sweep_id
    if st.query_params.get(_SWEEP) != sweep_id:
        st.query_params[_SWEEP] = sweep_id


def chosen_grouping() -> str | None:
    """By what the address groups the runs."""
    return st.query_params.get(_BY)


def choose_grouping(by: str | None) -> None:
    """Say in the address by what runs are grouped, or that they are not."""
    if by is None:
        st.query_params.pop(_BY, None)
    elif st.query_params.get(_BY) != by:
        st.query_params[_BY] = by


def _spelled() -> dict[str, str]:
    return {name: value for name, value in st.query_params.to_dict().items() if name.startswith(_ROOMS)}
