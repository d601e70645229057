"""What surrounds the choices of a run: where to start from, how to get back, and the address that holds them all."""

from __future__ import annotations

import streamlit as st

from mmoe_core.config import (
    PRESETS,
    DataConfig,
    MmoePaper,
    RunConfig,
    SimulatedFeed,
    preset,
    to_flat,
)
from mmoe_core.data import Dataset, feed

from . import data_inputs, link
from .language import mark, t

__all__ = ["pick_preset", "reset", "shown", "tasks"]

_PRESET = "form_preset"  # the marked one

_presets = {"tutorial": mark("Tutorial"), "classroom": mark("Classroom"), "census": mark("Census")}


def pick_preset(config: RunConfig) -> None:
    """Starting points; the one that the config equals is marked."""
    equal = [name for name in PRESETS if preset(name) == config]
    st.session_state[_PRESET] = equal[0] if equal else None
    st.segmented_control(
        t("Preset"),
        PRESETS,
        format_func=lambda name: t(_presets[name]),
        key=_PRESET,
        on_change=_take_preset,
        label_visibility="collapsed",
        width="stretch",
        wrap=False,
    )


def _take_preset() -> None:
    if chosen := st.session_state[_PRESET]:
        link.write(preset(chosen))


def reset() -> None:
    """Back to the classroom, without a chosen run."""
    link.choose_run(None)
    link.write(preset("classroom"))


def shown(config: RunConfig) -> None:
    """The widgets show this config now: write it to the address."""
    st.session_state[data_inputs.SHOWN] = to_flat(config)
    link.write(config)


def tasks(dataset: Dataset | None, chosen: DataConfig) -> tuple[str, ...]:
    """What is to be predicted, also while the dataset cannot be opened; then Ali-CCP's two where nobody knows."""
    if dataset:
        return dataset.schema.task_names
    match chosen:
        case SimulatedFeed():
            first, second, *others = feed.BEHAVIOURS
            return (first, second, feed.DWELL, *others)
        case MmoePaper():
            return tuple(f"y{number}" for number in range(1, chosen.num_tasks + 1))
        case _:
            return ("click", "purchase")
