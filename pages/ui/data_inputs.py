"""Which rows: the dataset, and the dials of a simulator; the main ones, or all of them with what each does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mmoe_core.config import (
    SAMPLE,
    SAMPLE_AS_GIVEN,
    DataConfig,
    LabelSpace,
    MmoePaper,
    RunConfig,
    Simulated,
    SimulatedAliCcp,
    Stored,
    to_flat,
)
from mmoe_core.data import readable_on_clicks

from . import inputs, loaders
from .dials import ROWS, Dial, Group, groups, main_dial
from .language import mark, plain, t, task_label
from .spaces import SPACE_MEANINGS

__all__ = ["SHOWN", "every_dial", "fill", "main_dials", "with_two_spaces"]

SHOWN = "form_shown"  # the config that the widgets show, flat

_titles = {
    "ali-ccp-classroom": mark("Ali-CCP classroom"),
    "ali-ccp-true-rates": mark("Ali-CCP true rates"),
    "feed": mark("Content feed"),
    "mmoe-paper": mark("MMoE paper"),
    "census-g1": mark("Census: income"),
    "census-g2": mark("Census: education"),
    f"stored-{SAMPLE}": mark("Ali-CCP sample"),
    f"stored-{SAMPLE_AS_GIVEN}": mark("Ali-CCP sample, as given"),
}


_spaces: dict[LabelSpace, str] = {"ctcvr": mark("all impressions"), "cvr": mark("clicks only")}


def main_dials(config: RunConfig) -> DataConfig:
    """The dataset and, of a simulator, its main dial and the number of rows."""
    chosen, is_other = _pick_dataset(config)
    if isinstance(chosen, Simulated):
        chosen = _turned(config, chosen, (Group(None, (main_dial(chosen), ROWS)),), is_other=is_other)
    return _read_in(config, chosen, is_other=is_other)


def every_dial(config: RunConfig) -> DataConfig:
    """The dataset and, of a simulator, all its dials."""
    chosen, is_other = _pick_dataset(config)
    if isinstance(chosen, Simulated):
        chosen = _turned(config, chosen, groups(chosen), is_other=is_other)
    return _read_in(config, chosen, is_other=is_other)


def with_two_spaces(chosen: DataConfig) -> tuple[str, ...]:
    """The tasks that can be read over impressions or over clicks; of a simulation, before anybody made it."""
    match chosen:
        case SimulatedAliCcp():
            return ("purchase",)
        case Stored():
            dataset, _ = loaders.dataset(chosen.as_stored)
            return readable_on_clicks(dataset.schema) if dataset else ()
        case _:
            return ()


def fill(config: RunConfig, values: Mapping[str, object], *, anew: bool = False) -> None:
    """All widgets when the config came from elsewhere (a link, a preset), else only those that are new."""
    inputs.fill(values, anew=anew or st.session_state.get(SHOWN) != to_flat(config))


def _pick_dataset(config: RunConfig) -> tuple[DataConfig, bool]:
    """The dataset as it is offered, with the dials of the config where it is the config's; whether it is another."""
    chosen = config.data
    fill(config, {"data.id": _dataset_id(chosen)})
    offered: dict[str, DataConfig] = {}
    for known in loaders.datasets():  # the built-in ones first, so that a simulator starts with its own dials
        known_id = _dataset_id(known.config)
        if known.is_ready or known_id in _titles:
            offered.setdefault(known_id, known.config)
    offered.setdefault(_dataset_id(chosen), chosen)
    names = {
        known_id: t(_titles[known_id]) if known_id in _titles else other.dataset_name
        for known_id, other in offered.items()
    }
    chosen_id = inputs.choice(
        "data.id", t("Dataset"), names, explained=t("What is learnt from; the Data page says what it holds.")
    )
    is_other = chosen_id != _dataset_id(chosen)
    return (offered[chosen_id] if is_other else chosen), is_other


def _dataset_id(chosen: DataConfig) -> str:
    """Equal for all dials of one simulator."""
    kinds = (getattr(chosen, field, None) for field in ("profile", "group", "name"))
    return "-".join([chosen.source, *filter(None, kinds)])


def _turned(config: RunConfig, chosen: Simulated, shown: tuple[Group, ...], *, is_other: bool) -> DataConfig:
    """A simulator with the dials that are shown; one chosen just now shows its own."""
    dials = [dial for group in shown for dial in group.dials]
    fill(config, {f"data.{dial.field}": getattr(chosen, dial.field) for dial in dials}, anew=is_other)
    values: dict[str, object] = {}
    for group in shown:
        if group.name:
            st.caption(t(group.name))
        values |= {dial.field: _turn(chosen, dial) for dial in group.dials}
    return type(chosen).model_validate(chosen.model_dump() | values)


def _read_in(config: RunConfig, chosen: DataConfig, *, is_other: bool) -> DataConfig:
    """Over which rows a label is read, of each task that leaves a choice."""
    names = with_two_spaces(chosen)
    before = chosen.label_spaces
    fill(config, {f"data.label_spaces.{task}": before.get(task, "ctcvr") for task in names}, anew=is_other)
    spaces = {task: _pick_space(task) for task in names}
    others = {task: space for task, space in before.items() if task not in names}  # for the core to refuse
    return chosen.model_copy(
        update={"label_spaces": others | {task: space for task, space in spaces.items() if space != "ctcvr"}}
    )


def _pick_space(task: str) -> LabelSpace:
    said = plain(task_label(task))
    space: LabelSpace = inputs.choice(
        f"data.label_spaces.{task}",
        said,
        {space: t(name) for space, name in _spaces.items()},
        explained=t("Over which rows this label is learnt and judged; ESMM learns it over all of them, as a product."),
    )
    st.caption(t(SPACE_MEANINGS[space], task=said))
    return space


def _turn(chosen: Simulated, dial: Dial) -> object:
    key, before = f"data.{dial.field}", getattr(chosen, dial.field)
    limits = _limits(chosen, dial)
    if isinstance(before, int):
        return inputs.integer(key, t(dial.name), limits, step=int(dial.step), explained=t(dial.explained))
    value = inputs.decimal(key, t(dial.name), limits, step=dial.step, explained=t(dial.explained))
    return before if value == before else round(value, 4)  # steps of 0.1 add up to 0.30000000000000004


def _limits(chosen: Simulated, dial: Dial) -> tuple[Any, Any]:
    """Least and largest value, such that no two dials together are refused."""
    low, high = inputs.bounds(type(chosen), dial.field)
    match chosen, dial.field:
        case MmoePaper(num_features=most), "num_tasks":
            return low, min(high, most)
        case MmoePaper(num_tasks=least), "num_features":
            return max(low, least), high
        case _:
            return dial.step if low is None else low, high  # None: anything above 0
