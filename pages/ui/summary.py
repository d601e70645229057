"""What a config amounts to, by arithmetic: parameters, shapes, steps; and what one must know about its data."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.config import (
    DataConfig,
    MmoePaper,
    ModelConfig,
    RunConfig,
    Schema,
    SimulatedAliCcp,
    SimulatedFeed,
    check_memory,
    check_processes,
    check_tasks,
    num_steps,
    plan,
    sizes,
)
from mmoe_core.data import Dataset, Description
from mmoe_core.errors import LabError
from mmoe_core.runs import RunRow, available_bytes

from .language import plain, t, task_label, translate_markdown

__all__ = ["architecture_text", "badge", "badge_text", "refusal", "show", "warnings"]


def _bracketed(widths: Sequence[int]) -> str:
    return "[" + ", ".join(map(str, widths)) + "]"


def _unbroken(line: str) -> str:
    """No line begins with a separator."""
    return line.replace(" · ", "\u00a0· ").replace(" → ", "\u00a0→ ")


def _shapes(model: ModelConfig, schema: Schema, width_in: int) -> str:
    """Input → experts, level by level → towers, in the words of the picture."""
    levels = (f"{len(level.experts)} × {_bracketed(model.expert_widths)}" for level in plan(model, schema.task_names))
    towers = " · ".join(f"{plain(task_label(task))} {_bracketed(model.tower(task))}" for task in schema.task_names)
    return t(
        "input {ids} × {size} + {values} = {width} → {experts} → {towers}",
        ids=len(schema.id_fields),
        size=model.embedding_size,
        values=len(schema.value_fields),
        width=width_in,
        experts=" → ".join(levels),
        towers=towers,
    )


def _length(config: RunConfig, rows: int) -> str:
    total = num_steps(config.train, rows)
    return t("{rows} training rows → {total} steps", rows=f"{rows:,}", total=f"{total:,}")


def show(config: RunConfig, dataset: Dataset | None) -> None:
    """Parameter counts, shapes and length, as one small box that follows every choice."""
    with st.container(key="summary", gap="xxsmall"):
        if dataset is None:
            st.caption(t("Sizes are known once the data is there."))
            return
        counted = sizes(config.model, dataset.schema)
        parts = t(
            "embedding {embedding} · experts {experts} · gates {gates} · towers {towers}",
            embedding=f"{counted.embedding:,}",
            experts=f"{counted.experts:,}",
            gates=f"{counted.gates:,}",
            towers=f"{counted.towers:,}",
        )
        st.caption(_unbroken(t("**{total} parameters**: {parts}", total=f"{counted.total:,}", parts=parts)))
        st.caption(_unbroken(_shapes(config.model, dataset.schema, counted.input_width)))
        st.caption(_length(config, dataset.manifest.rows["train"]))


def architecture_text(row: RunRow) -> str:
    """A run's architecture in a few characters: its kind, and the experts of each level once its tasks are known."""
    model = row.config.model
    levels = plan(model, row.schema.task_names) if row.schema else ()
    return " ".join((model.kind, *(f"× {len(level.experts)}" for level in levels)))


def refusal(config: RunConfig, dataset: Dataset | None) -> LabError | None:
    """Why a config could not be trained on a dataset on this machine, before anybody tries."""
    if dataset is None:
        return None
    try:
        check_processes(config)
        check_tasks(config, dataset.schema)
        check_memory(config.model, config.train, dataset.schema, available_bytes())
    except LabError as error:
        return error
    return None


def badge_text(schema: Schema, data: DataConfig | None) -> str | None:
    """What to say wherever rows are not real: that they are simulated and, where the dials are known, after what."""
    if not schema.is_simulated:
        return None
    match data:
        case SimulatedAliCcp(profile="classroom"):
            return t("simulated · classroom rates")
        case SimulatedAliCcp():
            return t("simulated · real log's rates")
        case SimulatedFeed():
            return t("simulated · feed")
        case MmoePaper():
            return t("simulated · MMoE paper")
        case _:
            return t("simulated")


def badge(schema: Schema, data: DataConfig | None) -> None:
    """Say so wherever rows are not real."""
    if text := badge_text(schema, data):
        st.badge(text, color="yellow")


def warnings(data: Dataset | Description | None, *, batch_size: int = 1) -> None:
    """What must not be overlooked beside numbers from this dataset."""
    if data is None:
        return
    for note in data.manifest.notes(batch_size):
        st.caption(f":orange[{translate_markdown(note.template, note.values)}]")
