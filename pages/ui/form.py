"""What surrounds the choices of a run: where to start from, how to get back, and the address that holds them all."""

from __future__ import annotations

import streamlit as st

from mmoe_core.config import (
    PRESETS,
    DataConfig,
    MmoePaper,
    RunConfig,
    SimulatedFeed,
    match_budget,
    preset,
    reference_of,
    sizes,
    to_flat,
)
from mmoe_core.data import Dataset, feed

from . import data_inputs, link, story
from .language import mark, t

__all__ = ["offer_same_budget", "pick_preset", "reset", "shown", "tasks"]

_PRESET = "form_preset"  # the marked one

_presets = {
    "tutorial": mark("Tutorial"),
    "classroom": mark("Classroom"),
    "census": mark("Census"),
    "kdd2018": mark("KDD 2018"),
}


def pick_preset(config: RunConfig) -> None:
    """Starting points; the one that the config equals is marked, and the tutorial says what its numbers are worth."""
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
    )
    if "tutorial" in equal:
        with st.expander(t("What are these numbers worth?")):
            st.markdown(story.text("train.tutorial"))


def _take_preset() -> None:
    if chosen := st.session_state[_PRESET]:
        link.write(preset(chosen))


def reset() -> None:
    """Back to the classroom, without a chosen run."""
    link.choose_run(None)
    link.write(preset("classroom"))


def offer_same_budget(config: RunConfig, dataset: Dataset | None) -> None:
    """A fair comparison is one click away: experts so wide that there are as many parameters as in MMoE as it comes."""
    if dataset is None:
        return
    matched = match_budget(config.model, dataset.schema)
    if matched != config.model:
        total = sizes(reference_of(config.model), dataset.schema).total
        st.button(
            t("As many parameters as MMoE: {total}", total=f"{total:,}"),
            key="same_budget",
            type="tertiary",
            help=t("Widens or narrows the experts, so that a comparison is fair; MMoE here has 8 experts [16]."),
            on_click=link.write,
            args=(config.model_copy(update={"model": matched}),),
        )


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
